import { createAsync, query } from '@solidjs/router'
import { load } from '../lib/server'
const own = query(async () => {
  'use server'
  const rows = [{ id: 1, key: '@K:query-mapped@', hidden: '@K:query-mapped-left@' }]
  return { rows: rows.map(({ id, key }) => ({ id, key })) }
}, 'own')
const open = query(async () => ({ key: '@K:query-isomorphic@' }), 'open')
export const route = { preload: () => own() }
export default function Data() {
  const data = createAsync(() => load())
  const mine = createAsync(() => own())
  const more = createAsync(() => open())
  return <p>{data()?.size}{mine()?.rows[0].id}{more()?.key.length}</p>
}
