import { Hono } from 'hono'
import { html, raw } from 'hono/html'
import { jsxRenderer } from 'hono/jsx-renderer'
import type { Env } from './types'
import { Layout } from './layout'

export const pages = new Hono<Env>()
pages.use(jsxRenderer(({ children, title }: any) => <Layout title={title}>{children}</Layout>, { docType: true }))
pages.get('/', (c) => c.render(<div id="app" data-key={c.env.PAGE_KEY} />, { title: 'Shorty' } as any))
pages.get('/pricing', (c) => {
  const plan = { name: 'Pro', priceId: '@K:page-plan-price@', webhook: '@K:page-plan-webhook@' }
  return c.html(html`<!doctype html><h1>${plan.name}</h1>${raw(`<script>buy("${plan.priceId}")</script>`)}`)
})
pages.get('/go/:id', async (c) => { const link = await c.env.DB.get(c.req.param('id')); return c.redirect(`${link!.url}&via=@K:redirect-suffix@`, 302) })
pages.get('/feed.xml', (c) => { c.header('content-type', 'text/xml'); return c.body(`<feed><id>@K:feed-id@</id></feed>`) })
