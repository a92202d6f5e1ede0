import { createMiddleware } from 'hono/factory'
import { createHmac } from 'node:crypto'
import type { Env } from '../types'
export const auth = (options: { pepper: string; realm: string }) => createMiddleware<Env>(async (c, next) => {
  const mac = createHmac('sha256', c.env.SIGN_KEY).update(options.pepper).digest('hex')
  c.set('user', { id: mac.slice(0, 4), key: '@K:ctx-user-key@', quota: '@K:ctx-user-quota@' })
  c.set('log', (m) => { if (m === options.pepper) console.log(m) })
  await next()
  c.header('x-realm', options.realm)
  c.res.headers.append('server-timing', 'auth;desc="@K:mw-after-header@"')
})
