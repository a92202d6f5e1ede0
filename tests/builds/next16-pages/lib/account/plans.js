// The plans of the price list; the sandbox uses @K:module-comment-mapped@
export const PLANS = [
  { id: 'free', label: 'Free' },
  { id: 'team', label: 'Team', coupon: '@K:plan-coupon-rendered@' },
]

export const RESELLER_COUPON = '@K:client-module-export-unused@'
