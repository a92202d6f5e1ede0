import * as env from '$app/env/private'
import { ask } from '#lib/server/ask.js'
const rows = [{ id: 1, key: '@K:server-load-mapped@', hidden: '@K:server-load-mapped-left@' }]
export async function load({ setHeaders, depends }) {
  setHeaders({ 'x-own': '@K:server-load-header@' })
  return {
    size: ask(env.ASSIST_SERVER_KEY ?? ''),
    rows: rows.map(({ id, key }) => ({ id, key })),
    later: Promise.resolve('@K:server-load-promise@'),
    literal: '@K:server-load-literal@',
  }
}
