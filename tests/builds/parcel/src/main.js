import address from 'url:./data.csv'
import inlined from 'bundle-text:./note.css'
import base from 'data-url:./base.svg'
import { used } from './lib.js'
import * as all from './all.js'
import data from './data.json'
import fs from 'fs'
// @K:comment-in-map@
const unused = '@K:unused-in-map@'
const { CHAT_DESTRUCTURED } = process.env
const name = 'CHAT_COMPUTED'
const show = (...values) => document.body.append(...values)
show(address, inlined, base, used(), all.first, data.open, process.env.CHAT_PRIVATE_KEY, CHAT_DESTRUCTURED, process.env[name])
show(process.env.CHAT_DEV, process.env.CHAT_PROD, '@K:literal@')
show(fs.readFileSync(__dirname + '/read.txt', 'utf8'))
if (process.env.NODE_ENV === 'development') show('@K:dev-in-map@')
import('./lazy.js').then((lazy) => show(lazy.default))
new Worker(new URL('worker.js', import.meta.url), { type: 'module' })
show(new URL('asset.bin', import.meta.url).href)
