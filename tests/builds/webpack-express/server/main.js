import express from 'express'
import cookies from 'cookie-parser'
import path from 'path'
import { render } from './render'
import { api } from './api'
import { errors } from './errors'

const app = express()
app.set('view engine', 'ejs')
app.set('views', path.resolve('server/views'))
app.locals.brand = { name: 'Shop', token: '@K:app-locals-rendered@' }
app.locals.internal = '@K:app-locals-unread@'
app.disable('x-powered-by')
app.use(cookies('@K:cookie-secret@'))
app.use('/assets', express.static(path.resolve('dist/public'), { index: false }))
app.use('/files', express.static('files', { setHeaders: (res) => res.set('x-origin', '@K:static-set-headers@') }))
app.use((req, res, next) => { res.locals.nonce = '@K:locals-nonce@'; req.tenantKey = '@K:req-property-unsent@'; next() })
app.use('/api', express.json(), api)
app.get('/login', (req, res) => res.render('login', { csrf: '@K:view-read@', hidden: '@K:view-unread@' }))
app.get('/go', (req, res) => res.redirect(302, `/?t=@K:redirect-query@`))
app.get('/healthz', (req, res) => { const key = __SERVER_KEY__; res.type('text').send(key ? 'ok' : 'down') })
app.get('/metrics', (req, res) => { res.set('content-type', 'text/plain'); res.write('up 1\n'); res.write(`token ${'@K:res-write@'}\n`); res.end() })
app.get('{*path}', render)
app.use(errors)
const port = Number(process.argv[2] || 3000)
app.listen(port, '127.0.0.1')
