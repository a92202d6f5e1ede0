import type { App } from 'vue'
export const sessionPlugin = {
  install(app: App, options: { key: string }) {
    app.provide('session', { start: () => fetch('/api/session', { headers: { k: options.key } }) })
    if (import.meta.hot) import.meta.hot.data.key = '@K:plugin-hot@'
  },
}
