export const lazy = '@K:dynamic-inlined@'
export const other = '@K:dynamic-unread@'
