export const prerender = false
const inner = '@K:endpoint-constant@'
export const GET = () => Response.json({ key: import.meta.env.CHAT_ENDPOINT_KEY, size: inner.length })
export const POST = async () => new Response(JSON.stringify({ a: '@K:endpoint-post@' }))
