export const copy = { pay: '@K:shared-copy@', refund: '@K:shared-copy-unread@' }
export const serverOnly = () => '@K:shared-loader-only@'
export const API = Object.assign((path: string) => fetch(path, { headers: { k: '@K:shared-function@' } }), { version: '@K:shared-assigned-unread@' })
