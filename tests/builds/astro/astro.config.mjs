import { defineConfig, envField } from 'astro/config'
import node from '@astrojs/node'
import react from '@astrojs/react'
export default defineConfig({
  adapter: node({ mode: 'standalone' }),
  integrations: [
    react(),
    { name: 'own', hooks: { 'astro:config:setup': ({ injectScript }) => injectScript('page', 'window.injected = "@K:inject-script@"') } },
  ],
  env: { schema: { PUBLIC_SEARCH_APP: envField.string({ context: 'client', access: 'public' }), CHAT_ENV_SCHEMA: envField.string({ context: 'server', access: 'secret' }) } },
  vite: { define: { __KEY__: JSON.stringify('@K:vite-define@'), __SERVER__: JSON.stringify('@K:vite-define-frontmatter-kept@') } },
})
