export const nobody = '@K:component-unused@'
