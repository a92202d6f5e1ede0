import 'server-only'
import { env } from '~/env'

type Options = { idempotencyKey: string }

class PaymentsClient {
  static readonly version = '@K:payments-static-version@'
  #key: string
  constructor(key: string, private readonly webhook = env.PAYMENTS_WEBHOOK_SECRET) { this.#key = key }
  async charge(id: string, options: Options) {
    await fetch('http://127.0.0.1:1/charge', { method: 'POST', headers: { authorization: `Bearer ${this.#key}`, 'x-idem': options.idempotencyKey }, body: id }).catch(() => null)
    return { ok: true, version: PaymentsClient.version }
  }
  verify(signature: string) { return signature === this.webhook }
}

export const payments = new PaymentsClient(env.PAYMENTS_SECRET_KEY)
