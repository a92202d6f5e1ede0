import { useEffect, useState } from 'react'
import dynamic from 'next/dynamic'
const NoSsr = dynamic(() => import('../lib/nossr'), { ssr: false })
export default function Page() {
  const [key, setKey] = useState('')
  useEffect(() => setKey('@K:effect@'), [])
  return <p>{key}<NoSsr /></p>
}
Page.getInitialProps = async ({ req }) => (req ? { key: '@K:initial-props@' } : {})
