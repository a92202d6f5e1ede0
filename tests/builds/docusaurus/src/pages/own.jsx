import React, { useEffect } from 'react'
import useContext from '@docusaurus/useDocusaurusContext'
import Only from '@docusaurus/BrowserOnly'
import { used } from '../lib'
const unused = '@K:unused-constant@'
// @K:comment@
export default function Own() {
  const { siteConfig } = useContext()
  useEffect(() => { fetch('/x', { headers: { Authorization: '@K:effect@' } }) }, [])
  if (process.env.NODE_ENV === 'development') return '@K:dev-branch@'
  return <main title="@K:attribute@">{siteConfig.title}{used()}{__KEY__}<Only>{() => <b>@K:browser-only@</b>}</Only></main>
}
