export const FLAGS = Object.freeze({ assistant: true, legacyAssistant: false })
export const isEnabled = (name) => FLAGS[name] === true
