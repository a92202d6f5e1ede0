import { createPinia } from 'pinia'
import './profile/start'
import { createApp, defineAsyncComponent } from 'vue'
import App from './app.vue'
const app = createApp(App)
app.component('Later', defineAsyncComponent(() => import('./components/later.vue')))
app.component('Global', { template: '<b>@K:template-option@</b>' })
app.directive('own', { mounted: (el: HTMLElement) => el.setAttribute('k', '@K:directive@') })
app.provide('key', '@K:provided@')
app.config.globalProperties.$key = '@K:global-property@'
app.use(createPinia()).mount('#app')
