export default defineNuxtPlugin(() => { globalThis.key = '@K:plugin-server@' })
