import { defineConfig, loadEnv } from 'vite'
import vue from '@vitejs/plugin-vue'
import { fileURLToPath, URL } from 'node:url'

export default defineConfig(({ mode }) => {
  const env = loadEnv(mode, fileURLToPath(new URL('.', import.meta.url)), '')
  return {
    plugins: [vue()],
    resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)), '#shared': fileURLToPath(new URL('../shared', import.meta.url)) } },
    define: { __APP_KEY__: JSON.stringify(env.APP_BUILD_KEY), __VUE_PROD_DEVTOOLS__: 'false' },
    css: { preprocessorOptions: { scss: { additionalData: `@use "@/styles/tokens" as *;\n$injected: "@K:scss-additional@";\n$never: "@K:scss-additional-unused@";\n` } } },
    build: { outDir: '../dist/web', emptyOutDir: true, rollupOptions: { output: { manualChunks: { vendor: ['vue', 'pinia'] } } } },
    server: { proxy: { '/api': { target: 'http://localhost:3000', headers: { 'x-dev': '@K:proxy-dev-header@' } } } },
    esbuild: { drop: ['console', 'debugger'] },
  }
})
