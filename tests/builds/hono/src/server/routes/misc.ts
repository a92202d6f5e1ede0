import { Hono } from 'hono'
import { streamSSE, streamText } from 'hono/streaming'
import { setCookie, setSignedCookie } from 'hono/cookie'
import { HTTPException } from 'hono/http-exception'
import { QuotaError } from '../errors'
import type { Env } from '../types'
import openapi from '../openapi.json'

export const misc = new Hono<Env>()
misc.get('/me', async (c) => {
  const user = c.get('user')
  setCookie(c, 'pref', '@K:cookie-value@', { httpOnly: true })
  await setSignedCookie(c, 'sid', 's1', '@K:cookie-signing-secret@')
  return c.json({ id: user.id, quota: user.quota, key: c.env.ME_KEY })
})
misc.get('/health', (c) => c.json({ ok: Boolean(process.env.HEALTH_KEY), names: Object.keys(process.env).filter((n) => n.startsWith('HEALTH_')), build: '@K:health-build@' }))
misc.get('/boom-404', () => { throw new QuotaError('quota of @K:quota-message@ is used up') })
misc.get('/denied-404', () => { throw new HTTPException(404, { res: new Response('denied @K:exception-response@', { status: 404 }), cause: '@K:exception-cause@' }) })
misc.get('/stream', (c) => streamSSE(c, async (stream) => { await stream.writeSSE({ data: JSON.stringify({ tick: 1, key: '@K:sse-data@' }), event: 'tick' }) }))
misc.get('/stats', (c) => {
  const { log } = c.var
  log('x')
  const stats = new Map<string, unknown>([['clicks', 4], ['token', '@K:stats-map@']])
  return streamText(c, async (s) => { for (const [name, value] of stats) await s.writeln(`${name}=${value}`) })
})
misc.post('/upload', async (c) => {
  const form = await c.req.parseBody()
  const signed = new URL('https://up.invalid/put')
  signed.searchParams.set('sig', '@K:upload-url@')
  return c.body(JSON.stringify({ put: signed, n: Object.keys(form).length }), 200, { 'x-bucket': '@K:upload-header@' })
})
misc.get('/openapi.json', (c) => c.json(openapi))
