import { lazy, Suspense, useEffect } from 'react'
import { createRoot } from 'react-dom/client'
import styles from './a.module.css'
import raw from './a.txt?raw'
import picture from './a.svg'
import inlined from './b.svg?inline'
import data from './data.json'
import { used } from './lib.js'
const Lazy = lazy(() => import('./lazy.jsx'))
const unused = '@K:unused-constant@'
// @K:comment@
if (process.env.NODE_ENV === 'development') console.log('@K:dev-branch@')
if (import.meta.env.DEV) console.log('@K:meta-dev@')
if (import.meta.webpackHot) import.meta.webpackHot.accept('@K:hot@')
function App() {
  useEffect(() => { fetch('/x', { headers: { Authorization: '@K:effect@' } }) })
  return (
    <main className={styles.box} title="@K:attribute@">
      {raw}{picture}{inlined}{data.open}{used()}{process.env.PUBLIC_CHAT_KEY}{import.meta.env.PUBLIC_CHAT_META}
      {__SECRET__}{__CHAIN__}{process.env.ASSIST_SERVER_KEY}{process.env.REACT_APP_CHAT}
      <Suspense><Lazy /></Suspense>
    </main>
  )
}
createRoot(document.getElementById('root')).render(<App />)
