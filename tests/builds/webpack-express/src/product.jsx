import { useEffect, useMemo, useRef } from 'react'
import { format } from '@app/util'
export function Product({ id }) {
  const ref = useRef('@K:use-ref@')
  const label = useMemo(() => format(id, { suffix: '@K:use-memo@' }), [id])
  useEffect(() => { navigator.sendBeacon('/view', ref.current) }, [])
  return <article dangerouslySetInnerHTML={{ __html: label }} />
}
Product.defaultProps = { token: '@K:static-assigned@' }
