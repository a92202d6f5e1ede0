import { createFileRoute } from '@tanstack/react-router'
import { createClientOnlyFn, createIsomorphicFn, createServerFn, createServerOnlyFn } from '@tanstack/react-start'
import { useEffect } from 'react'
import { both, serverPart } from '../lib/both'
import { ask } from '../lib/ask.server'
const KEY = '@K:server-fn-constant@'
const items = ['@K:mapped-item@']
// @K:comment@
const getData = createServerFn().handler(async () => {
  const inner = '@K:server-fn-inner@'
  return { size: inner.length + KEY.length + serverPart().length + (await ask()), key: '@K:server-fn-returned@', env: import.meta.env.VITE_CHAT_SERVER.length }
})
const uncalled = createServerFn().handler(async () => ({ key: '@K:server-fn-uncalled@' }))
const onServer = createServerOnlyFn(() => '@K:server-only-fn@')
const onClient = createClientOnlyFn(() => '@K:client-only-fn@')
const either = createIsomorphicFn().server(() => '@K:isomorphic-server@'.length).client(() => '@K:isomorphic-client@'.length)
export const Route = createFileRoute('/')({
  loader: async () => ({ data: await getData(), literal: '@K:loader-literal@' }),
  component: Home,
  pendingComponent: () => <p>@K:pending@</p>,
  errorComponent: () => <p>@K:error-component@</p>,
})
function Home() {
  const { data } = Route.useLoaderData()
  useEffect(() => { fetch('/x', { headers: { Authorization: '@K:effect@' } }) }, [])
  if (import.meta.env.DEV) console.log('@K:dev-branch@')
  const rendered = typeof window === 'undefined' ? '@K:server-rendered@' : ''
  const measured = import.meta.env.SSR ? '@K:ssr-measured@'.length : 0
  return (
    <main title="@K:attribute@" onClick={() => onClient()}>
      {data.size}{both()}{either()}{rendered}{measured}{items.map((item) => <i key={item}>{item}</i>)}
      {__KEY__}{import.meta.env.VITE_CHAT_KEY}{import.meta.env.CHAT_PRIVATE_KEY}{typeof process === 'undefined' ? '' : process.env.CHAT_PROCESS_KEY}
    </main>
  )
}

