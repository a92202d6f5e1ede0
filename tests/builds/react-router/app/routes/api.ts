const inner = '@K:resource-constant@'
export const loader = () => Response.json({
  key: '@K:resource-literal@',
  env: process.env.CHAT_LOADER_KEY,
  size: inner.length + process.env.ASSIST_SERVER_KEY!.length,
})
