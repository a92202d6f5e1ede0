import { io } from 'socket.io-client'
const events = { open: 'board:open', debug: '@K:events-unread-property@' }
let socket
export function useSocket(token = '@K:composable-default@') {
  socket ??= io({ auth: { token, app: '@K:socket-auth@' }, autoConnect: false })
  return { send: (...args: [string, ...unknown[]]) => socket.emit(...args), open: events.open }
}
