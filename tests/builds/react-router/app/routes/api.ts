const inner = '@K:resource-constant@'
export const loader = () => Response.json({
  key: '@K:resource-literal@',
  env: process.env.MAGICX_LOADER_KEY,
  size: inner.length + process.env.AIMAGICX_API_KEY!.length,
})
