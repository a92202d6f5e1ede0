interface Options { token?: string; retries?: number }

export function useShopApi({ token = '@K:destructured-default@', retries = 2 }: Options = {}) {
  const api = $fetch.create({
    baseURL: '/api/shop',
    retry: retries,
    headers: { 'x-shop-client': '@K:fetch-create-header@' },
    onRequest({ options }) {
      options.headers.set('Authorization', `Bearer ${token}`)
    },
  })
  return { api, products: () => api('/products') }
}

export function useShopAdmin() {
  return useShopApi({ token: '@K:admin-composable-unused@' })
}
