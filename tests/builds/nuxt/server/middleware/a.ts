export default defineEventHandler((event) => { event.context.key = '@K:server-middleware@' })
