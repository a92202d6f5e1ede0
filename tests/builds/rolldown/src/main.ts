import text from './a.txt'
import bin from './a.bin'
import picture from './a.svg'
import { own } from '@own'
import data from './data.json'
import { shared } from './shared'
import type { Only } from './types'
// @K:comment@
/*! @K:legal-comment@ */
const unused = '@K:unused-constant@'
const all: Only[] = [text, bin, picture, own, data.open, shared, injected, __LITERAL__, process.env.CHAT_PRIVATE_KEY, process.env.ASSIST_SERVER_KEY]
document.body.append(...all, '@K:literal@')
if (process.env.NODE_ENV === 'development') document.body.append('@K:dev-branch@')
enum Kind { Open = 'a', Key = '@K:enum-unread@' }
document.body.append(Kind.Open)
namespace Space { export const key = '@K:namespace-value@' }
document.body.append(Space.key)
const lazy = () => import('./lazy')
lazy().then(({ used }) => document.body.append(used))
new Worker(new URL('./worker.js', import.meta.url))
