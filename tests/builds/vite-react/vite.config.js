import fs from 'node:fs'
import { defineConfig, loadEnv } from 'vite'
import react from '@vitejs/plugin-react'

export default defineConfig(({ mode }) => {
  const env = loadEnv(mode, process.cwd(), ['CONF_', 'PACKED_'])
  const packed = Object.entries(env).filter(([name]) => name.startsWith('PACKED_'))
  const settings = JSON.parse(fs.readFileSync('./settings.json', 'utf8'))
  return {
    plugins: [
      react(),
      {
        name: 'page',
        transformIndexHtml: (html) => html.replace('<!--slot-->', '<meta name="k" content="@K:transform-index-html@">'),
      },
      {
        name: 'virtual',
        resolveId: (id) => (id === 'virtual:settings' ? '\0virtual:settings' : null),
        load: (id) => (id === '\0virtual:settings' ? `export const key = '@K:plugin-load@'` : null),
      },
    ],
    define: {
      __TOKEN__: JSON.stringify(env.CONF_CHAT_TOKEN),
      __UNUSED__: JSON.stringify('@K:define-unused@'),
      __LITERAL__: JSON.stringify('@K:define-literal@'),
      __SETTING__: JSON.stringify(settings.shown),
      __MODE_KEY__: JSON.stringify(mode === 'development' ? '@K:define-development@' : 'none'),
      ...Object.fromEntries(packed.map(([name, value]) => [`process.env.${name}`, JSON.stringify(value)])),
    },
    build: {
      rollupOptions: {
        input: 'index.html',
        output: { banner: '/* @K:output-banner@ */', manualChunks: { vendor: ['react'] } },
      },
    },
    server: { proxy: { '/api': { target: 'http://localhost:1', headers: { Authorization: 'Bearer @K:proxy-header@' } } } },
  }
})
