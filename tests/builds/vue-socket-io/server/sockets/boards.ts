import type { Server, Socket } from 'socket.io'
import { boards } from '../data/boards'

export const registerBoardHandlers = (io: Server, socket: Socket) => {
  const open = (id: string, reply: (answer: unknown) => void) => {
    const board = boards.find((b) => b.id === id)
    io.to('all').emit('board:opened', { id, by: '@K:room-broadcast@' })
    socket.broadcast.emit('board:other', '@K:socket-broadcast@')
    reply({ ok: true, title: board?.title, ticket: '@K:socket-ack@' })
  }
  const close = (id: string) => {
    const record = { id, key: '@K:socket-close-local@' }
    history.push(record)
  }
  socket.on('board:open', open)
  socket.on('board:close', close)
  socket.on('board:meta', (cb) => cb({ meta: { key: '@K:socket-ack-inline@' } }))
}
const history: unknown[] = []
