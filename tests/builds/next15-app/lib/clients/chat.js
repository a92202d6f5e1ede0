const FALLBACK_KEY = '@K:lazy-module-fallback@'

export function start(key = FALLBACK_KEY) {
  const socket = new WebSocket(`wss://chat.example.invalid/?key=${key}`)
  return () => socket.close()
}

export function startAdmin(key) {
  return start(key ?? '@K:lazy-module-unread-export@')
}
