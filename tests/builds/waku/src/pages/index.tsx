import { getEnv } from 'waku/server'
import { Widget } from '../components/widget'
import { ask } from '../lib/ask'
const items = ['@K:mapped-prop@']
const all = { open: 'a', hidden: '@K:object-unread@' }
export default async function Home() {
  const size = (await ask('@K:server-argument@')) + __SERVER__.length
  return (
    <main>
      @K:server-text@ {size}{all.open}
      {items.map((item) => <Widget key={item} value={item} />)}
      <Widget value={getEnv('CHAT_PRIVATE_KEY')} />
      <Widget value="@K:literal-prop@" />
      {import.meta.env.DEV && <p>@K:server-dev@</p>}
    </main>
  )
}
export const getConfig = async () => ({ render: 'dynamic' }) as const
