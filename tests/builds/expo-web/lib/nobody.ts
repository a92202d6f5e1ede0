export const nobody = '@K:module-nobody@'
