const inner = '@K:api-constant@'
export const GET = () => Response.json({
  key: '@K:api-literal@',
  env: process.env.CHAT_ANSWER_KEY,
  size: inner.length + process.env.ASSIST_SERVER_KEY!.length,
})
export const POST = () => new Response('a', { headers: { 'x-key': '@K:api-header@' } })
