export const useCart = () => useState('cart', () => ({
  items: [] as string[],
  voucher: '@K:use-state-initial@',
}))

export const useWishlist = () => useState('wishlist', () => ({ token: '@K:use-state-unused@' }))
