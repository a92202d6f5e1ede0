import { useShopApi } from '../app/composables/shopApi'

export const api = useShopApi({ token: '@K:test-argument@' })
