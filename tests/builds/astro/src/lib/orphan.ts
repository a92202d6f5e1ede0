export const key = '@K:orphan@'
