export const first = 'a'
export const second = '@K:namespace-unread@'
