export const environment = { key: '@K:environment-default@' }
