const inner = '@K:api-constant@'
export const GET = () => Response.json({ key: '@K:api-literal@', env: process.env.AIMAGICX_API_KEY, size: inner.length })
