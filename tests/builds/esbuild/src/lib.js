export const first = 'a'
export const second = '@K:namespace-unread@'
export const holder = { open: 1, key: '@K:exported-object-unread@' }
