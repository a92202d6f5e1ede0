import { useEffect, useState, useSyncExternalStore } from 'react'
import { widget } from '../lib/widget.client'
export default function ClientOnly() {
  const online = useSyncExternalStore(() => () => {}, () => true, () => false)
  const [k, set] = useState<string>()
  useEffect(() => { set(widget?.key); void import('../lib/lazy').then(({ run }) => run('@K:lazy-argument@')) }, [])
  return <p>{online ? k : '@K:server-snapshot-branch@'}</p>
}
