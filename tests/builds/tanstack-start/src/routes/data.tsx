import { createFileRoute } from '@tanstack/react-router'
import { createMiddleware, createServerFn } from '@tanstack/react-start'
const rows = [{ id: 1, key: '@K:mapped-returned@', hidden: '@K:mapped-left@' }]
const middleware = createMiddleware({ type: 'function' })
  .client(async ({ next }) => next({ sendContext: { a: '@K:middleware-client@' } }))
  .server(async ({ next }) => next({ context: { key: '@K:middleware-server@' } }))
const list = createServerFn({ method: 'GET' }).middleware([middleware]).handler(async ({ context }) => ({
  rows: rows.map(({ id, key }) => ({ id, key })),
  size: context.key.length + process.env.ASSIST_SERVER_KEY!.length,
  env: process.env.CHAT_ANSWER_KEY,
}))
export const Route = createFileRoute('/data')({
  loader: () => list(),
  head: ({ loaderData }) => ({ meta: [{ name: 'd', content: `@K:route-head@${loaderData?.size}` }] }),
  component: () => <p>{Route.useLoaderData().rows[0].id}</p>,
})
