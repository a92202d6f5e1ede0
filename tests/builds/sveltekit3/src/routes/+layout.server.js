import { CHAT_PRIVATE_KEY } from '$app/env/private'
const all = { shown: '@K:layout-data@', kept: '@K:layout-data-kept@' }
export function load({ locals }) { const { kept, ...rest } = all; return { rest, key: CHAT_PRIVATE_KEY, size: locals.size + kept.length } }
