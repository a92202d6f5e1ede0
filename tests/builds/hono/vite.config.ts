import { defineConfig } from 'vite'
export default defineConfig({
  publicDir: 'assets',
  oxc: { jsx: { runtime: 'automatic', importSource: 'hono/jsx/dom' } },
  define: { 'globalThis.__COMMIT__': JSON.stringify('@K:vite-define@') },
  build: { outDir: 'dist/static', manifest: true, rollupOptions: { input: ['src/client/main.tsx', 'src/client/admin.ts'], output: { entryFileNames: '[name].js', banner: '/*! shorty @K:banner-legal@ */' } } },
})
