export const k = '@K:test@'
