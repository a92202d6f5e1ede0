export const other = '@K:barrel-unused@'
