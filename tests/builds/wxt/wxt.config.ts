import { defineConfig } from 'wxt'
export default defineConfig({
  manifest: { name: 'x', description: '@K:manifest-description@', permissions: ['storage'], host_permissions: ['https://example.invalid/*'] },
  vite: () => ({ define: { __KEY__: JSON.stringify('@K:vite-define@'), __UNREAD__: JSON.stringify('@K:vite-define-unread@') } }),
  zip: { includeSources: ['@K:zip-setting@'] },

})
