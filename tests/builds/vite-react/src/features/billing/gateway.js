import config, { FEATURES } from './config.js'
import keys from './keys.json'

const authorization = (key) => ({ headers: { Authorization: `Bearer ${key}` } })
const mode = () => new URLSearchParams(location.search).get('mode') ?? 'live'

class Registry {
  static entries = new Map()
  static {
    this.entries.set('default', '@K:static-block@')
  }
}

class Gateway {
  get sandboxKey() {
    return '@K:getter-never-read@'
  }
  charge(amount) {
    const key = keys[mode()].key ?? Registry.entries.get('default')
    return fetch(`/api/charge?amount=${amount}`, authorization(key))
  }
  refund(amount) {
    return fetch(`/api/refund?amount=${amount}`, authorization('@K:helper-argument@'), config.publishableKey)
  }
}

export const gateway = new Gateway()

if (FEATURES.refunds) {
  gateway.refund.key = '@K:feature-object-false@'
}

export function assertConfigured() {
  if (!config.publishableKey) throw new Error('Billing is not configured, ask for @K:error-message@')
}

const FALLBACKS = ['@K:array-destructured@', 'b']
export const [fallback] = FALLBACKS
