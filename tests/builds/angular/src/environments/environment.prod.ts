export const environment = { key: '@K:environment-production@', other: '@K:environment-unread@' }
