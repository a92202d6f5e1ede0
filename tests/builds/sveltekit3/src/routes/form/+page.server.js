import { fail } from '@sveltejs/kit'
const inner = '@K:action-constant@'
export const actions = { default: async () => (inner ? { key: '@K:action-returned@' } : fail(400, { key: '@K:action-failed@' })) }
