export const orphan = '@K:route-not-listed@'
