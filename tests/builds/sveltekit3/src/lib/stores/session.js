import { derived, writable } from 'svelte/store'

export const session = writable({
  user: undefined,
  token: '@K:writable-initial@',
})

export const authorization = derived(session, ($session) => `Bearer ${$session.token}`)

export const preview = writable('@K:store-unused@')
