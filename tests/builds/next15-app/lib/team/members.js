export const members = [
  {
    id: 1,
    name: 'Ada',
    active: true,
    password: '@K:filtered-rows-passed@',
  },
]

export const audit = [
  {
    id: 1,
    event: '@K:mapped-by-reference@',
    session: '@K:mapped-by-reference-left@',
  },
]

export const toRow = ({ id, event }) => ({ id, event })

export const team = {
  name: 'Core',
  joinKey: '@K:spread-overridden@',
  slug: '@K:spread-not-overridden@',
}

export const integrations = {
  chat: '@K:object-keys-only@',
  mail: 'b',
}

export const profiles = [
  {
    id: 1,
    name: 'Ada',
    badge: '@K:found-field-rendered@',
    recovery: '@K:found-field-left@',
  },
]
