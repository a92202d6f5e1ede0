'use client'
import { useCallback } from 'react'
import { APP } from '~/lib/constants'
type Config = { id: string; identity: string }
export function SupportButton({ config }: { config: Config }) {
  const open = useCallback(() => { window.postMessage({ to: APP.support, token: '@K:client-callback@' }) }, [])
  return <button onClick={open} title={config.id}>{APP.name}</button>
}
