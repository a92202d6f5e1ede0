export const credentials = { user: 'test', token: '@K:end-to-end-constant@' }
