import Theme from 'vitepress/theme'
import './own.css'
import Own from './own.vue'
// @K:theme-comment@
const unused = '@K:theme-unused@'
export default { extends: Theme, enhanceApp({ app }) { app.component('Own', Own); app.provide('k', '@K:theme-provided@') } }
