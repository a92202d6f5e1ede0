import type { InjectionKey } from 'vue'
export const boardKey: InjectionKey<{ token: string }> = Symbol('board')
export const LIMITS = { boards: 5 }
export const ADMIN_TOKEN = '@K:keys-unused@'
