import words from 'virtual:words'
import text from './note.txt'
import bin from './blob.bin'
import picture from './picture.svg'
import table from './table.csv'
import conf from './some.conf'
import data from './data.json'
import { open, named } from './data2.json'
import * as lib from './lib.js'
import { used } from './lib2.js'
import './style.css'
import './nothing.js'
import './effect.js'
import { shared } from './shared.js'
// comment in a shipped module: @K:comment-shipped@
/*! legal: @K:comment-legal@ */
const show = (value) => (document.body.append(String(value)), value)
show(words + text + bin + picture + table + conf)
show(data.open + open + named)
show(lib.first + used())
show('@K:literal@' + shared)
show(process.env.CHAT_PRIVATE_KEY)
show(process.env.APP_CHAT_KEY)
show(process.env.ASSIST_SERVER_KEY)
show(LITERAL_KEY + OBJECT.open)
const never = '@K:unused-const@'
if (process.env.NODE_ENV !== 'production') show('@K:dev-only@')
if (process.env.NODE_ENV === 'production') show('x')
else show('@K:else-of-production@')
if (false) show('@K:if-false@')
console.log('@K:console-dropped@')
trace('@K:pure-call@')
show(process.env.NODE_ENV === 'development' ? '@K:ternary-dev@' : 'y')
show(`Bearer ${'@K:template@'}`)
show(['sk_v1_', '@B:joined-array@'].join(''))
show('sk_v1_' + '@B:concatenated@')
show(atob('@E:base64@'))
show(<p title="@K:jsx-attribute@">@K:jsx-text@</p>)
import('./lazy.js').then((lazy) => show(lazy.default))
new Worker(new URL('./worker.js', import.meta.url))
