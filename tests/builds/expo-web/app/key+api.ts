const inner = '@K:api-constant@'
export const GET = () => Response.json({ key: '@K:api-literal@', env: process.env.ASSIST_SERVER_KEY, size: inner.length })
