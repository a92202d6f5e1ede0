'use client'
import { useEffect, useState } from 'react'
export function Widget({ value }: any) {
  const [state] = useState('@K:client-state@')
  useEffect(() => { fetch('/x', { headers: { Authorization: '@K:client-effect@' } }) }, [])
  if (import.meta.env.DEV) console.log('@K:client-dev@')
  const measured = import.meta.env.SSR ? '@K:client-ssr@'.length : 0
  return <i>{value?.length}{state.length}{measured}{import.meta.env.WAKU_PUBLIC_CHAT_KEY}{__KEY__}</i>
}
export function Unused() { return <b>@K:client-unused@</b> }
