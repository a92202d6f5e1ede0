export function middleware() { globalThis.key = '@K:middleware@' }
export const config = { matcher: '/none' }
