import { useEffect } from 'react'
export default function Island({ token }) {
  useEffect(() => { fetch('/x', { body: '@K:island-effect@' }) }, [])
  return <i onClick={() => fetch('/y', { body: import.meta.env.CHAT_HANDLER_KEY })}>{token.length}{import.meta.env.CHAT_ISLAND_KEY}</i>
}
