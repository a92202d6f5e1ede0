export default defineNuxtPlugin(() => { globalThis.key = '@K:plugin-client@' })
