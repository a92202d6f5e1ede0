export const billing = { name: 'billing', secret: '@K:jest-mock@' }
