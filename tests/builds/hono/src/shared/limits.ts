export const limits = { perDay: 10, bypass: '@K:limits-bypass-unread@' }
export const SERVER_PEPPER = '@K:shared-pepper-server@'
export const cdn = 'https://cdn.invalid/?k=@K:shared-cdn-both@'
