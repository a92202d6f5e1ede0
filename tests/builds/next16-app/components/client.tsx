'use client'
import { use, useState } from 'react'
import { Context } from './providers'
const { NEXT_PUBLIC_CHAT_DESTRUCTURED } = process.env
const unused = '@K:client-unused@'
declare const __KEY__: string, __SERVER__: string, __SERVER_KEPT__: string
export function Client({ one, picked, list }: any) {
  const { a } = use(Context) as any
  const [state] = useState(() => (typeof window === 'undefined' ? '@K:client-server-rendered@' : ''))
  const server = typeof window === 'undefined' ? __SERVER__ : ''
  const kept = typeof window === 'undefined' ? __SERVER_KEPT__.length : 0
  if (typeof window !== 'undefined') console.log('@K:client-browser-branch@')
  return <i>{one}{String(!!a)}{state}{server}{kept}{list}{process.env.NEXT_PUBLIC_CHAT_KEY}{NEXT_PUBLIC_CHAT_DESTRUCTURED}{process.env.OWN_KEY}{process.env.CHAT_RENDERED}{__KEY__}</i>
}
