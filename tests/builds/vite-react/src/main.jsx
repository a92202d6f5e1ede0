import { createRoot } from 'react-dom/client'
import { key as virtualKey } from 'virtual:settings'
import { App } from './app.jsx'
import './features/start.jsx'
import './style.css'
import styles from './box.module.css'
import raw from './notes.txt?raw'
import url from './table.csv?url'
import picture from './picture.svg'
import data from './data.json'
import { shown } from './data2.json'
import inlineStyle from './inline.css?inline'
import Worker from './worker.js?worker'
import { devOnly } from './lib/dev.js'
import { DEBUG_KEY } from './lib/debug.js'

const { VITE_CHAT_DESTRUCTURED } = import.meta.env
const name = 'VITE_CHAT_' + 'COMPUTED'
if (import.meta.env.DEV) devOnly(DEBUG_KEY)
if (import.meta.env.DEV) console.log('@K:dev-block@')
if (import.meta.env.MODE === 'development') console.log('@K:mode-development@')
if (import.meta.hot) import.meta.hot.data.key = '@K:import-meta-hot@'
if (process.env.NODE_ENV !== 'production') console.log('@K:node-env@')
const debug = import.meta.env.PROD ? '' : '@K:prod-ternary@'
if (import.meta.env.SSR) console.log('@K:ssr-branch@')
const modules = import.meta.glob('./parts/*.js', { eager: true })
const lazyModules = import.meta.glob('./lazy/*.js')
console.log(raw, url, picture, data.shown, shown, inlineStyle, new Worker(), styles.box, modules, lazyModules, debug)
console.log(new URL('./asset.json', import.meta.url).href)
createRoot(document.getElementById('root')).render(
  <App
    token={[__TOKEN__, __LITERAL__, __SETTING__, __MODE_KEY__, process.env.PACKED_CHAT_A, virtualKey].join()}
    env={[import.meta.env.VITE_CHAT_KEY, VITE_CHAT_DESTRUCTURED, import.meta.env.VITE_CHAT_RENAMED]}
    more={[import.meta.env.VITE_CHAT_DEV, import.meta.env.VITE_CHAT_PROD, import.meta.env.CHAT_PRIVATE_KEY]}
    computed={window[name]}
  />,
)
