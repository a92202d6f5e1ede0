import { provider } from './config.js'

export class MailClient {
  static #instance
  #headers

  constructor({ apiKey }) {
    this.#headers = { Authorization: `Bearer ${apiKey}` }
  }

  static get instance() {
    return (this.#instance ??= new MailClient(provider))
  }

  async threads() {
    return [
      {
        id: 'one',
        subject: 'Hello',
        trackingKey: '@K:method-rows-returned@',
        internalKey: '@K:method-rows-mapped-left@',
      },
    ]
  }

  async send(text) {
    return fetch(`http://127.0.0.1:9/send`, { method: 'POST', headers: this.#headers, body: text }).catch(() => undefined)
  }
}
