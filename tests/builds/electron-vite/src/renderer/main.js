import './style.css'
import data from './data.json'
const show = (...all) => document.body.append(...all)
show('@K:renderer-literal@', data.open, __PAGE__, import.meta.env.RENDERER_VITE_CHAT_KEY, import.meta.env.OWN_CHAT_KEY, import.meta.env.MAIN_VITE_CHAT_PAGE)
if (import.meta.env.DEV) show('@K:renderer-dev@')
import('./lazy.js').then((lazy) => show(lazy.default))
const gone = '@K:renderer-unused@'
