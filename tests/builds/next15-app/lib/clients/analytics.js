const defaults = {
  host: '/ingest',
  writeKey: '@K:sdk-defaults-spread@',
}

export function initAnalytics(options = {}) {
  const settings = { ...defaults, ...options }
  window.analytics = settings
  return settings
}

export function initServerAnalytics() {
  if (process.env.NEXT_RUNTIME === 'nodejs') {
    globalThis.analytics = { key: '@K:next-runtime-branch@' }
  }
}
