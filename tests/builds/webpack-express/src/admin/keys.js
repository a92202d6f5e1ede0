export const keys = { open: '@K:destructured@', closed: '@K:rest-unused@' }
