import * as React from 'react'
import { graphql, Script } from 'gatsby'
import { used } from '../components/lib'
import data from '../components/data.json'
const unused = '@K:unused-constant@'
// @K:comment@
export const query = graphql`query { site { siteMetadata { key } } }`
export const Head = () => <><title>x</title><meta name="h" content="@K:head-export@" /></>
export default function Home({ data: all }) {
  React.useEffect(() => { fetch('/x', { headers: { Authorization: '@K:effect@' } }) }, [])
  if (process.env.NODE_ENV === 'development') return <p>@K:dev-branch@</p>
  const rendered = typeof window === 'undefined' ? '@K:server-rendered@' : ''
  return (
    <main title="@K:attribute@" onClick={() => alert('@K:handler@')}>
      {all.site.siteMetadata.key.length}{used()}{data.open}{rendered}
      {process.env.GATSBY_CHAT_KEY}{process.env.CHAT_CLIENT_KEY}{__KEY__}
      <Script>{`window.s = "@K:script-children@"`}</Script>
    </main>
  )
}
