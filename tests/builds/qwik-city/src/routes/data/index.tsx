import { component$ } from '@builder.io/qwik'
import { routeAction$, routeLoader$, server$ } from '@builder.io/qwik-city'
const KEY = '@K:loader-constant@'
const rows = [{ id: 1, key: '@K:loader-mapped@', hidden: '@K:loader-mapped-left@' }]
export const useRows = routeLoader$(() => ({ rows: rows.map(({ id, key }) => ({ id, key })), size: KEY.length + process.env.ASSIST_SERVER_KEY!.length, env: process.env.CHAT_LOADER_KEY }))
export const useUnread = routeLoader$(() => ({ key: '@K:loader-unread@' }))
export const useSend = routeAction$(() => ({ key: '@K:action-returned@' }))
const own = server$(() => '@K:server-function-returned@')
export default component$(() => {
  const data = useRows()
  const send = useSend()
  return <p onClick$={async () => { await own() }}>{data.value.size}{data.value.rows[0].id}{send.value?.key}</p>
})
