import { createApp } from 'vue'
import { createPinia } from 'pinia'
import App from './App.vue'
import { router } from './router'
import { i18n } from './i18n'
import { permission } from './directives/permission'
import { sessionPlugin } from './plugins/session'
import './styles/main.scss'

const app = createApp(App)
app.use(createPinia()).use(router).use(i18n)
app.use(sessionPlugin, { key: '@K:plugin-option@' })
app.directive('permission', permission)
app.config.errorHandler = (error) => { fetch('/log', { method: 'POST', headers: { k: '@K:error-handler-header@' }, body: String(error) }) }
app.config.globalProperties.$keys = { search: '@K:global-property@' }
app.mount('#app')
