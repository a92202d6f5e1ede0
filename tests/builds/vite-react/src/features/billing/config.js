const DEBUG = false

export const FEATURES = { invoices: true, refunds: false }

const config = {
  publishableKey: '@K:default-export-read@',
  restrictedKey: '@K:default-export-unread@',
}

if (DEBUG) {
  window.billing = { key: '@K:debug-constant-false@' }
}

export default config
