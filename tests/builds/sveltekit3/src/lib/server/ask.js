import { PUBLIC_CHAT_SERVER } from '$app/env/public'
const own = '@K:lib-server@'
export const ask = (key) => own.length + key.length + PUBLIC_CHAT_SERVER.length
