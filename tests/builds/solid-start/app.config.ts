import { defineConfig } from '@solidjs/start/config'
export default defineConfig({ vite: { define: { __KEY__: JSON.stringify('@K:define-read@') } } })
