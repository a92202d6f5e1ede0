'use client'
import { useEffect, useState } from 'react'
import { helper } from '../lib/shared'
const name = 'NEXT_PUBLIC_CHAT_COMPUTED'
export function Widget({ value, isSet, two }) {
  const [state] = useState('@K:client-state@')
  useEffect(() => {
    fetch('/x', { headers: { Authorization: process.env.CHAT_EFFECT_KEY } })
  }, [])
  if (typeof window === 'undefined') console.log('@K:client-typeof-window@')
  if (process.env.NODE_ENV === 'development') console.warn('@K:client-dev@', process.env.NEXT_PUBLIC_CHAT_DEV)
  console.log('@K:client-console@')
  return (
    <i onClick={() => fetch('/x', { body: process.env.CHAT_EVENT_KEY })}>
      {value}{String(isSet)}{state}{helper()}{two}
      {process.env.NEXT_PUBLIC_CHAT_KEY}{process.env.CHAT_PRIVATE_KEY}{process.env[name]}
      {process.env.CONFIG_KEY}{process.env.CONFIG_LITERAL}{DEFINED_KEY}{__SERVER_KEY__}
    </i>
  )
}
