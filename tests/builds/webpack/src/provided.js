export const value = '@K:provided@'
