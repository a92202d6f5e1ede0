export default defineNuxtPlugin(() => ({ provide: { key: '@K:plugin@' } }))
