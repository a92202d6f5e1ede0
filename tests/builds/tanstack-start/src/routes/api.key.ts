import { createFileRoute } from '@tanstack/react-router'
const inner = '@K:api-constant@'
export const Route = createFileRoute('/api/key')({
  server: { handlers: { GET: async () => Response.json({ key: '@K:api-literal@', size: inner.length }, { headers: { 'x-key': '@K:api-header@' } }) } },
})
