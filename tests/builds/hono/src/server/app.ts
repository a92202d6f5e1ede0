import { Hono } from 'hono'
import { cors } from 'hono/cors'
import { secureHeaders } from 'hono/secure-headers'
import { requestId } from 'hono/request-id'
import { HTTPException } from 'hono/http-exception'
import { ZodError } from 'zod'
import type { Env } from './types'
import { auth } from './middleware/auth'
import { links } from './routes/links'
import { misc } from './routes/misc'
import { pages } from './pages'
import { QuotaError } from './errors'

export function createApp() {
  const app = new Hono<Env>()
  app.use(requestId({ generator: () => 'r-@K:request-id-generator@' }))
  app.use(secureHeaders({ referrerPolicy: '@K:secure-headers@' } as any))
  app.use('/api/*', cors({ origin: (o) => o, exposeHeaders: ['x-@K:cors-expose@'] }))
  app.use('/api/*', auth({ pepper: '@K:auth-option@', realm: '@K:auth-realm@' }))
  app.notFound((c) => c.text('No such page. Ask @K:not-found-text@', 404))
  app.onError((err, c) => {
    if (err instanceof HTTPException) return err.getResponse()
    if (err instanceof QuotaError) return c.json({ error: err.message, plan: err.plan }, 404)
    console.error(err, '@K:on-error-log@')
    return c.json({ error: 'internal' }, 500)
  })
  const routes = app.route('/api/links', links).route('/api', misc)
  app.route('/', pages)
  return routes as unknown as typeof app
}
export type AppType = ReturnType<typeof createApp>
