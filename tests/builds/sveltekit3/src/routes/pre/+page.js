import { building } from '$app/env'
export const prerender = true
export const load = async () => ({ key: '@K:universal-load@', other: building ? '@K:universal-building@' : '' })
export const _helper = '@K:universal-unused@'
