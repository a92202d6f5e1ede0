import { reactRouter } from '@react-router/dev/vite'
import { defineConfig } from 'vite'
export default defineConfig({
  plugins: [reactRouter()],
  define: { __KEY__: JSON.stringify('@K:define-read@'), __LOADER__: JSON.stringify('@K:define-loader-only@') },
})
