export default defineEventHandler(async (event) => {
  await $fetch('http://127.0.0.1:9/', { headers: { Authorization: `Bearer ${process.env.ASSIST_SERVER_KEY}` } }).catch(() => {})
  return { size: measure(), text: '@K:api-literal@' }
})
