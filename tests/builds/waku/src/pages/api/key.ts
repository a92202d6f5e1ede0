const inner = '@K:api-constant@'
export const GET = async () => Response.json({ key: '@K:api-literal@', size: inner.length })
