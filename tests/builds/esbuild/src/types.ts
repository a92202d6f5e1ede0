export type Options = { key: string; open: string }
export const value = '@K:type-import-module@'
