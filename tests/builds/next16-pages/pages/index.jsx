import Head from 'next/head'
import { secretForServer, shown } from '../lib/mixed'
import fs from 'node:fs'
const name = 'CHAT_PRIVATE_KEY'
export async function getStaticProps() {
  const all = { open: 1, key: '@K:static-props-returned@', inner: { deep: '@K:static-props-deep@' } }
  const { inner, ...rest } = all
  return { props: { ...rest, inner, size: secretForServer().length + fs.existsSync('x') + process.env.CHAT_STATIC_KEY.length } }
}
export default function Home({ open, size }) {
  if (process.env.NODE_ENV !== 'production') return <p>@K:dev-branch@</p>
  return (
    <main onClick={() => fetch('/x', { body: process.env.CHAT_HANDLER_KEY })}>
      <Head><meta name="d" content="@K:head-meta@" /></Head>
      {open}{size}{shown}{process.env.NEXT_PUBLIC_CHAT_KEY}{process.env.CHAT_PRIVATE_KEY}{process.env.CONFIG_KEY}
    </main>
  )
}
