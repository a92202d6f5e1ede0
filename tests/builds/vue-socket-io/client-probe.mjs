// Starts the server and answers /probe with all that a socket gets.
import { createServer, request } from 'node:http'
import { spawn } from 'node:child_process'
import { io } from 'socket.io-client'

const port = Number(process.argv[2])
const inner = port + 1
spawn('node', ['dist/server/index.js'], { stdio: 'inherit', env: { ...process.env, PORT: String(inner) } })
createServer((req, res) => {
  if (req.url === '/probe') {
    const seen = []
    const socket = io(`http://127.0.0.1:${inner}`, { auth: { token: 'probe' } })
    socket.onAny((...args) => seen.push(args))
    socket.on('connect_error', (e) => seen.push(['connect_error', e.message]))
    socket.emit('board:open', '1', (answer) => seen.push(['ack', answer]))
    socket.emit('board:close', '1')
    socket.emitWithAck('board:meta').then((a) => seen.push(a), () => {})
    const admin = io(`http://127.0.0.1:${inner}/admin`)
    admin.on('connect_error', (e) => seen.push(['admin', e.message, e.data]))
    setTimeout(() => { socket.close(); admin.close(); res.end(JSON.stringify(seen)) }, 1500)
    return
  }
  const up = request({ port: inner, host: '127.0.0.1', path: req.url, method: req.method, headers: req.headers }, (answer) => {
    res.writeHead(answer.statusCode, answer.headers)
    answer.pipe(res)
  })
  up.on('error', () => { res.destroy() })
  req.pipe(up)
}).listen(port, '127.0.0.1')
