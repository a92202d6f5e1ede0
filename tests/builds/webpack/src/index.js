import './style.css'
import picture from './picture.svg'
import text from './note.txt'
import table from './table.csv'
import data from './data.json'
import { named } from './data2.json'
import * as lib from './lib.js'
import { used } from './barrel.js'
import './pure.js'
import { onlyDev } from './dev.js'
// @K:comment@
/*! @K:comment-legal@ */
const show = (...values) => document.body.append(...values)
const unused = '@K:unused-constant@'
show(picture, text, table, data.open, named, lib.first, used(), provided)
show(__CLI__, __LITERAL__, __RUNTIME__, SETTINGS.open, process.env.CHAT_PRIVATE_KEY, process.env.CHAT_DEFINED)
show(process.env.MISSING_KEY, process.env.CHAT_LOOP_A, '@K:literal@')
if (process.env.NODE_ENV === 'development') show(onlyDev, '@K:dev-branch@')
if (process.env.NODE_ENV !== 'production') { require('./dev-required.js') }
if (module.hot) module.hot.accept('@K:module-hot@')
if (typeof window === 'undefined') show('@K:typeof-window@')
import(/* webpackChunkName: "lazy" */ './lazy.js').then((lazy) => show(lazy.default))
require.ensure([], () => show(require('./ensured.js')))
const context = require.context('./parts', false, /\.js$/)
show(context.keys().map((key) => context(key)))
new Worker(new URL('./worker.js', import.meta.url))
show(new URL('./asset.json', import.meta.url).href)
