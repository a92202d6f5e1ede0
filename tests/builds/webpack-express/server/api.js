import { Router } from 'express'
import { loadItems, loadSession } from './data'
import { audit } from './audit'

export const api = Router()
const asyncRoute = (handler) => (req, res, next) => handler(req, res, next).catch(next)
const ok = (res, data) => res.json({ ok: true, data })
api.get('/items', audit('@K:middleware-factory-arg@'), asyncRoute(async (req, res) => ok(res, { list: (await loadItems()).map(({ ref, ...rest }) => rest), page: '@K:helper-response@' })))
api.get('/session', async (req, res) => { const { secret, ...session } = await loadSession(req); res.json({ user: session.user }) })
api.post('/order', (req, res) => { res.cookie('order', '@K:cookie-value@', { httpOnly: true }); res.location('/x?k=@K:res-location@').status(201).end() })
api.get('/export', (req, res) => { res.attachment('a.csv'); res.send(Buffer.from('id;key\n1;@K:buffer-sent@')) })
api.get('/throw-404', () => { const error = new Error('missing @K:error-message@'); error.status = 404; throw error })
api.get('/legacy', (req, res) => { res.jsonp({ key: '@K:jsonp@' }) })
api.get('/feed', (req, res) => res.format({ json: () => res.json({}), default: () => res.send('@K:format-default@') }))
api.route('/user/:id').all((req, res, next) => { req.user = { id: req.params.id, hash: '@K:req-user-hash@' }; next() }).get((req, res) => res.json({ id: req.user.id }))
api.get('/raw', (req, res) => res.sendFile('files/terms.txt', { root: process.cwd() }))
