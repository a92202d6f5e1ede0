export const DEBUG_KEY = '@K:dev-constant@'
