import { serve } from '@hono/node-server'
import { serveStatic } from '@hono/node-server/serve-static'
import { createApp } from './app'
import { MemoryLinks } from './links-repo'
const bindings = { DB: new MemoryLinks(process.env.DB_TOKEN!), SIGN_KEY: process.env.SIGN_KEY!, ME_KEY: process.env.ME_KEY!, PAGE_KEY: process.env.PAGE_KEY! }
const app = createApp()
app.use('/docs/*', serveStatic({ root: './src/server/docs' }))
app.use('/*', serveStatic({ root: './dist/static' }))
serve({ fetch: (req, env) => app.fetch(req, { ...env, ...bindings }), port: Number(process.env.PORT), hostname: '127.0.0.1' })
