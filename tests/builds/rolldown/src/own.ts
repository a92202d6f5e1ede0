export const own = '@K:alias@'
