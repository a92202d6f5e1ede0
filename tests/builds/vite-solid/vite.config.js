import { defineConfig, loadEnv } from 'vite'
import solid from 'vite-plugin-solid'
export default defineConfig(({ mode }) => {
  const env = loadEnv(mode, process.cwd(), '')
  const { SERVER_CHAT_KEY: token, ...others } = env
  return {
    plugins: [solid()],
    base: '/sub/',
    define: { 'process.env': { CHAT_PRIVATE_KEY: env.CHAT_PRIVATE_KEY }, 'globalThis.token': JSON.stringify(token), __COUNT__: Object.keys(others).length },
    esbuild: { drop: ['console'], legalComments: 'inline' },
    build: { modulePreload: false, minify: 'esbuild' },
    html: { cspNonce: '@K:csp-nonce@' },
  }
})
