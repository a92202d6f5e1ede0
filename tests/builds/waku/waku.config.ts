import { defineConfig } from 'waku/config'
export default defineConfig({ vite: { define: { __KEY__: JSON.stringify('@K:vite-define@'), __SERVER__: JSON.stringify('@K:vite-define-server-only@') } } })
