import { Widget } from '../components/widget'
import { List } from '../components/list'
import { Plain } from '../components/plain'
import { ask } from '../lib/server'
import dynamic from 'next/dynamic'
const Lazy = dynamic(() => import('../components/lazy'))
const KEY = '@K:server-constant@'
const items = ['@K:mapped-prop@']
const options = { open: 'a', secret: '@K:server-object-unread@' }
export default async function Page() {
  const result = await ask(KEY)
  if (process.env.NODE_ENV === 'development') console.log('@K:server-dev@')
  const props = { one: 'a', two: '@K:spread-prop@' }
  return (
    <main>
      <p hidden>@K:server-text@</p>
      {items.map((item) => <Widget key="a" value={item} />)}
      <Widget value={process.env.CHAT_PROP_KEY} isSet={Boolean(process.env.CHAT_BOOL_KEY)} {...props} />
      <Plain shown="@K:server-component-prop-shown@" kept="@K:server-component-prop-kept@" />
      <List />
      <Lazy />
      {options.open}{result}{process.env.CHAT_LENGTH_KEY.length}
    </main>
  )
}
