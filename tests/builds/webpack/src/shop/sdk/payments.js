import { checkoutKey } from 'shop-config'

const isProduction = process.env.NODE_ENV === 'production'
const key = isProduction ? checkoutKey : '@K:ternary-constant-test@'

export class Payments {
  static scopes = { read: 'read', write: '@K:static-object-member@' }

  constructor(options) {
    this.options = Object.assign({ locale: 'en', fallback: '@K:object-assign-default@' }, options)
  }

  get authorization() {
    return 'Basic ' + btoa(key + ':')
  }

  pay(amount) {
    return fetch(__SHOP__.apiUrl, {
      method: 'POST',
      headers: { Authorization: this.authorization, 'x-shop': __SHOP__.apiKey, 'x-scope': Payments.scopes.write },
      body: JSON.stringify({ amount, ...this.options }),
    })
  }
}
