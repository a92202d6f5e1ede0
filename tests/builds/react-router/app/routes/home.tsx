import { useEffect } from 'react'
import { ask } from '../lib/ask.server'
import { both, serverPart } from '../lib/both'
import { Card } from '../components/card'
const LOADER_KEY = '@K:loader-constant@'
const items = ['@K:mapped-item@']
// @K:comment@
export const meta = () => [{ title: 'x' }, { name: 'k', content: '@K:meta@' }]
export const handle = { crumb: '@K:handle@' }
export async function loader() {
  const size = await ask(LOADER_KEY + serverPart())
  return { size: size + __LOADER__.length + String(import.meta.env.VITE_CHAT_LOADER).length, key: '@K:loader-literal@' }
}
export async function clientLoader({ serverLoader }: any) { return { ...(await serverLoader()), more: '@K:client-loader@' } }
export async function action() { return { key: '@K:home-action@' } }
export default function Home({ loaderData }: any) {
  useEffect(() => { fetch('/x', { headers: { Authorization: '@K:effect@' } }) }, [])
  if (import.meta.env.DEV) return <p>@K:dev-branch@</p>
  const rendered = typeof window === 'undefined' ? '@K:server-render-branch@' : ''
  const measured = typeof window === 'undefined' ? '@K:server-measure-branch@'.length : 0
  return (
    <main title="@K:attribute@" onClick={() => alert('@K:handler@')}>
      {loaderData.size}{both()}{items.map((item) => <i key={item}>{item}</i>)}{rendered}{measured}
      {__KEY__}{import.meta.env.VITE_CHAT_KEY}{import.meta.env.CHAT_PRIVATE_KEY}{typeof process === 'undefined' ? '' : process.env.CHAT_PROCESS_KEY}
      <Card label="@K:component-prop@" />
    </main>
  )
}
