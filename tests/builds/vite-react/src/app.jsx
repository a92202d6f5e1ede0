import { lazy, memo, useCallback, useEffect, useMemo, useState } from 'react'
import * as api from './lib/api.js'
import { helper } from './lib/index.js'
import { Client } from './lib/client.js'
const Chat = lazy(() => import('./components/chat.jsx'))
// @K:comment@
const HEADERS = { Authorization: 'Bearer @K:header-constant@' }
const UNUSED = '@K:unused-constant@'
const table = { first: '@K:object-read@', second: '@K:local-object-unread@' }
const list = ['@K:array-map@', 'b']
App.defaultProps = { key: '@K:static-property@' }
export function App({ token, env, more, computed, fallback = '@K:default-parameter@' }) {
  const [state] = useState(() => '@K:use-state@')
  const memoised = useMemo(() => '@K:use-memo@', [])
  const send = useCallback(() => fetch('/x', { headers: HEADERS }), [])
  useEffect(() => {
    api.post('@K:effect-argument@')
    function inner() { return '@K:function-never-called@' }
  }, [])
  return (
    <main title="@K:jsx-attribute@" data-a={table.first} style={{ '--k': '@K:jsx-style@' }} onClick={send}>
      {/* @K:jsx-comment@ */}
      @K:jsx-text@
      {list.map((item) => <Item key={item} value={item} />)}
      {false && <p>@K:jsx-false@</p>}
      <p dangerouslySetInnerHTML={{ __html: '<b>@K:inner-html@</b>' }} />
      {token}{env}{more}{computed}{fallback}{state}{memoised}{helper()}{new Client().name}
      <Chat />
    </main>
  )
}
const Item = memo(({ value }) => <i>{value}</i>)
