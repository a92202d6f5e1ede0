const inner = '@K:api-constant@'
export const GET = () => Response.json({ key: '@K:api-literal@', size: inner.length })
export const POST = () => new Response('a', { headers: { 'x-key': '@K:api-header@' } })
