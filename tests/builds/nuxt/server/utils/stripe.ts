import type { H3Event } from 'h3'

class StripeClient {
  static version = '@K:server-static-unread@'
  constructor(private readonly key: string) {}
  get headers() {
    return { Authorization: `Bearer ${this.key}` }
  }
  async charge(amount: number) {
    return $fetch('http://127.0.0.1:9/charges', { method: 'POST', headers: this.headers, body: { amount } })
  }
}

export const useStripe = (event: H3Event) => new StripeClient(useRuntimeConfig(event).shop.stripeKey)

export const products = [
  {
    id: 'one',
    title: 'One',
    supplierToken: '@K:server-rows-left@',
    imageToken: '@K:server-rows-mapped@',
  },
]
