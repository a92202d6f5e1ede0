import { defineConfig } from 'electron-vite'
export default defineConfig({
  main: { define: { __MAIN__: JSON.stringify('@K:main-define@'), __UNREAD__: JSON.stringify('@K:main-define-unread@') } },
  preload: {},
  renderer: { define: { __PAGE__: JSON.stringify('@K:renderer-define@') }, envPrefix: ['RENDERER_VITE_', 'OWN_'] },
})
