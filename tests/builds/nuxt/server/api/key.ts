const inner = '@K:api-constant@'
export default defineEventHandler((event) => {
  setHeader(event, 'x-key', '@K:api-header@')
  return { key: process.env.CHAT_ANSWER_KEY, size: inner.length, done: useRuntimeConfig(event).assistSecret.length }
})
