'use client'
import { useEffect } from 'react'
import { env } from '~/env'
export function Analytics() {
  useEffect(() => { navigator.sendBeacon('/a', env.NEXT_PUBLIC_ANALYTICS_KEY) }, [])
  return null
}
