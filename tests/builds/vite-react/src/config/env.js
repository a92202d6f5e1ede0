// All variables in one place, with a message for those that are missing.
const env = import.meta.env

function required(name, value) {
  if (!value) throw new Error(`${name} is not set`)
  return value
}

export const assistantKey = required('VITE_ASSISTANT_KEY', env.VITE_ASSISTANT_KEY)
