export const pure = '@K:pure-module@'
