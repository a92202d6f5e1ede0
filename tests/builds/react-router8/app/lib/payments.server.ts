import { env } from './env.server'
export class Payments {
  static #instance?: Payments
  static get() { return (this.#instance ??= new Payments(env.PAYMENTS_KEY)) }
  private constructor(private key: string, private webhook = '@K:class-default-unsent@') {}
  async pay(id: string) { await fetch('data:,', { headers: { authorization: this.key, hook: this.webhook } }); return { id, receipt: '@K:class-method-result@' } }
}
