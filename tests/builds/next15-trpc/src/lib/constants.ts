export const APP = { name: 'Billfold', support: 'help-@K:const-app-support@', staffPin: '@K:const-app-staff@' } as const
export const PLANS = ['free', 'pro'] as const
export const PLAN_KEYS: Record<(typeof PLANS)[number], string> = { free: '@K:const-plan-free@', pro: '@K:const-plan-pro@' }
export const SERVER_SALT = '@K:const-server-salt@'
export enum Channel { Mail = '@K:enum-mail@', Push = 'push' }
