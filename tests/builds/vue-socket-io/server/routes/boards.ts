import { Router } from 'express'
import { createHmac } from 'node:crypto'
import type { Config } from '../config'
import { boards } from '../data/boards'
import { HttpError } from '../middleware/errors'

export function boardsRouter(config: Config) {
  const router = Router()
  router.get('/boards', (_req, res) => { res.json(boards.map(({ inviteCode, ...b }) => b)) })
  router.get('/boards/:id', async (req, res) => {
    const board = boards.find((b) => b.id === req.params.id)
    res.json(board)
  })
  router.post('/login', (req, res) => {
    const mac = createHmac('sha256', config.session).update(req.body.name).digest('hex')
    res.cookie('sid', mac, { httpOnly: true }).cookie('legacy', '@K:express-cookie@').json({ ok: true })
  })
  router.get('/me', (req, res) => { const { ctx } = req as any; res.json({ user: ctx.user, token: ctx.meToken }) })
  router.get('/export.csv', (_req, res) => {
    res.set({ 'content-type': 'text/csv', 'x-export': config.exportKey })
    res.attachment('boards.csv')
    res.write('id,title\n')
    for (const b of boards) res.write(`${b.id},${b.token}\n`)
    res.end()
  })
  router.get('/fail-404', (_req, _res, next) => next(new HttpError(404, 'missing @K:express-next-error@', { internal: '@K:express-error-internal@' })))
  router.get('/webhooks-404', async () => { throw new HttpError(404, `no hook ${boards[0].hook}`) })
  return router
}
