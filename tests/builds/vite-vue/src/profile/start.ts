import { createPinia } from 'pinia'
import { createApp } from 'vue'
import { RouterView } from 'vue-router'
import { router } from './router'
import { tracker, TrackerKey } from './symbols'

createApp(RouterView).use(createPinia()).use(router).provide(TrackerKey, tracker).mount('#profile')
