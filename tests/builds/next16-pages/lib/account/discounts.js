export const discounts = { partner: '@K:server-module-left-out@' }
export const discountFor = (name) => (discounts[name] ? 10 : 0)
