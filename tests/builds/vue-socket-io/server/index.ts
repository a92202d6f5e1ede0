import { createServer } from 'node:http'
import express from 'express'
import path from 'node:path'
import { Server } from 'socket.io'
import { boardsRouter } from './routes/boards'
import { registerBoardHandlers } from './sockets/boards'
import { errorHandler, notFound } from './middleware/errors'
import { config } from './config'
import { EVENTS } from '../shared/events'

const app = express()
app.disable('x-powered-by')
app.use(express.json())
app.use((req, _res, next) => { (req as any).ctx = { user: 'u', meToken: config.me, mail: config.mail }; next() })
app.get('/api/health', (_req, res) => { res.type('text').send(`ok ${config.version}`) })
app.use('/api', boardsRouter(config))
app.use('/files', express.static(path.resolve('server/files')))
app.use(express.static('dist/web'))
app.use(notFound)
app.use(errorHandler)

const http = createServer(app)
const io = new Server(http, { cors: { origin: '*' } })
io.use((socket, next) => {
  const { token } = socket.handshake.auth
  if (token === config.socketCheck) return next()
  socket.data.greeting = '@K:socket-data-greeting@'
  socket.data.audit = '@K:socket-data-audit@'
  next()
})
io.on('connection', (socket) => {
  socket.emit(EVENTS.welcome, { from: 'server', key: config.socketWelcome, greeting: socket.data.greeting })
  socket.join('all')
  registerBoardHandlers(io, socket)
})
io.of('/admin').use((_socket, next) => {
  const error: any = new Error('denied @K:socket-middleware-error@')
  error.data = { hint: '@K:socket-error-data@' }
  next(error)
})
io.of('/admin').on('connection', (socket) => socket.emit('never', '@K:socket-admin-never@'))
http.listen(Number(process.env.PORT ?? 3000), '127.0.0.1')
