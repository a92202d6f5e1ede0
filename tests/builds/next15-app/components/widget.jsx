'use client'
import { useEffect, useState } from 'react'
import { helper } from '../lib/shared'
const name = 'NEXT_PUBLIC_MAGICX_COMPUTED'
export function Widget({ value, isSet, two }) {
  const [state] = useState('@K:client-state@')
  useEffect(() => {
    fetch('/x', { headers: { Authorization: process.env.MAGICX_EFFECT_KEY } })
  }, [])
  if (typeof window === 'undefined') console.log('@K:client-typeof-window@')
  if (process.env.NODE_ENV === 'development') console.warn('@K:client-dev@', process.env.NEXT_PUBLIC_MAGICX_DEV)
  console.log('@K:client-console@')
  return (
    <i onClick={() => fetch('/x', { body: process.env.MAGICX_EVENT_KEY })}>
      {value}{String(isSet)}{state}{helper()}{two}
      {process.env.NEXT_PUBLIC_MAGICX_KEY}{process.env.MAGICX_SECRET_KEY}{process.env[name]}
      {process.env.CONFIG_KEY}{process.env.CONFIG_LITERAL}{DEFINED_KEY}{__SERVER_KEY__}
    </i>
  )
}
