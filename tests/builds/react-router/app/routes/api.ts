const inner = '@K:resource-constant@'
export const loader = () => Response.json({ key: '@K:resource-literal@', size: inner.length })
