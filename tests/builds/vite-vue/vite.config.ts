import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'
export default defineConfig(({ command }) => ({
  plugins: [vue()],
  root: 'src',
  envDir: '..',
  envPrefix: 'APP_',
  publicDir: '../static',
  define: {
    __BUILD__: command === 'build' ? JSON.stringify('@K:define-build@') : '""',
    __SERVE__: command === 'serve' ? JSON.stringify('@K:define-serve@') : '""',
  },
  resolve: { alias: { '@': '/components', '@old': '/components' } },
  css: { preprocessorOptions: { scss: { additionalData: '$k: "@K:scss-unused@";' } } },
  build: { outDir: '../dist', emptyOutDir: true, sourcemap: false, lib: undefined },
}))
