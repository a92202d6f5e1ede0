import { reactRouter } from '@react-router/dev/vite'
import { defineConfig } from 'vite'
import { fileURLToPath } from 'node:url'
export default defineConfig(({ isSsrBuild }) => ({
  plugins: [reactRouter()],
  resolve: { alias: { '~': fileURLToPath(new URL('./app', import.meta.url)) } },
  define: isSsrBuild ? { __SIDE__: JSON.stringify('@K:define-ssr-build@') } : { __SIDE__: JSON.stringify('@K:define-client-build@') },
  environments: { client: { define: { __ENV_CLIENT__: JSON.stringify('@K:environment-client-define@') } } },
}))
