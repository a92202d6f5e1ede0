import { Suspense } from 'react'
import { connection } from 'next/server'
import { Client } from '../components/client'
import { Row } from '../components/row'
import text from '../lib/a.txt'
import raw from '../lib/settings.json'
const filtered = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('CHAT_FILTERED_')))
const props = { one: 'a', key: process.env.CHAT_PRIVATE_KEY }
const rows = [{ id: 1, key: '@K:row-mapped@', hidden: '@K:row-mapped-left@' }]
async function Late() { await connection(); return <Client late={`x${'@K:late-prop@'}`} /> }
function pick(all: any) { const { secret, ...rest } = all; return rest }
export default function Page() {
  const size = String(process.env.ASSIST_SERVER_KEY).length
  return (
    <main>
      {/* @K:jsx-comment@ */}
      <p data-k="@K:server-attribute@" suppressHydrationWarning>{size}{text.length}{raw.open}</p>
      {rows.map(({ id, key }) => <Row key={id} id={id} value={key} />)}
      <Client {...props} filtered={filtered} picked={pick({ secret: '@K:picked-left@', other: '@K:picked-kept@' })} />
      <Client render={undefined} list={[1, 2].map((n) => n + '@K:mapped-concat@')} when={false && '@K:and-false@'} or={'' || '@K:or-taken@'} nullish={'a' ?? '@K:nullish-not-taken@'} />
      <Suspense fallback="a"><Late /></Suspense>
    </main>
  )
}
