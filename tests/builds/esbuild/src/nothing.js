const hidden = '@K:pure-module@'
export const nothing = hidden
