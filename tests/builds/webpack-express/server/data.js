import { createHmac } from 'crypto'
const upstream = { url: 'data:,[]', key: '@K:upstream-header@' }
export async function loadItems() {
  await fetch(upstream.url, { headers: { authorization: upstream.key } })
  return [{ id: 1, name: 'Lamp', ref: '@K:state-item@' }]
}
export async function loadSession() {
  return { user: { name: 'a', csrf: '@K:state-user@' }, secret: createHmac('sha256', '@K:hmac-key@').update('a').digest('hex'), refresh: '@K:session-refresh-unsent@' }
}
