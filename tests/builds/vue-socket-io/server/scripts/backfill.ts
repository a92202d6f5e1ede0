export const key = '@K:server-script@'
