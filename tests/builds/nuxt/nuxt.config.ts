export default defineNuxtConfig({
  compatibilityDate: '2025-11-01',
  telemetry: false,
  app: { head: { title: 'x', meta: [{ name: 'k', content: '@K:app-head@' }, { name: 'e', content: process.env.CHAT_HEAD_KEY }], script: [{ innerHTML: 'window.k="@K:app-head-script@"' }] } },
  runtimeConfig: {
    chatSecret: '',
    assistSecret: process.env.CHAT_PRIVATE_KEY,
    literal: '@K:runtime-private@',
    public: { chatKey: '', literal: '@K:runtime-public@', fromEnv: process.env.CHAT_CONFIG_PUBLIC },
  },
  appConfig: { theme: '@K:app-config-inline@' },
  css: ['~/main.css'],
  routeRules: {
    '/pre': { prerender: true },
    '/spa': { ssr: false },
    '/state': { headers: { 'x-key': '@K:route-rule-header@' } },
    '/away/**': { proxy: 'https://example.invalid/@K:route-rule-proxy@/**' },
  },
  vite: { define: { __KEY__: JSON.stringify('@K:vite-define@') } },
  nitro: { replace: { __NITRO__: JSON.stringify('@K:nitro-replace@') } },
})
