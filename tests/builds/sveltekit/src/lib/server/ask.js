import { PUBLIC_MAGICX_SERVER } from '$env/static/public'
const own = '@K:lib-server@'
export const ask = (key) => own.length + key.length + PUBLIC_MAGICX_SERVER.length
