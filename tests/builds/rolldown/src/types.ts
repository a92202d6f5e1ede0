export type Only = any
export const value = '@K:type-only-module@'
