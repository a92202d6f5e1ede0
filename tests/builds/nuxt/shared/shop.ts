export const CURRENCIES = ['EUR', 'USD'] as const
export const PARTNER_TOKEN = '@K:shared-module-server-only@'
export const WIDGET_TOKEN = '@K:shared-module-client@'
