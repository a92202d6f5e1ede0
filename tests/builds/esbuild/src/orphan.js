export const old = '@K:module-nobody-imports@'
