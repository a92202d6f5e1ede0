import virtual from 'virtual:own'
import data, { named } from './data.json'
import aliased from 'aliased'
import common from './common.cjs'
import * as lib from './lib.js'
import './effect.js'
import './pure.js'
// @K:comment@
const unused = '@K:unused-constant@'
const show = (...all) => document.body.append(...all)
show(virtual, data.open, named, aliased, common.open, lib.first, __LITERAL__, __SHORT__, process.env.CHAT_PRIVATE_KEY)
if (process.env.NODE_ENV !== 'production') show('@K:dev-branch@')
const object = { open: 'a', hidden: '@K:object-unread@' }
show(object.open)
import('./lazy.js').then((all) => show(all.lazy))
function called(key = '@K:default-unused@') { return key.length }
show(called('@K:argument@'))
class Used { static open = 1; static hidden = '@K:static-unread@'; own = '@K:field@' }
show(new Used().own)
/*#__PURE__*/ show('@K:pure-annotated@')
export const exported = '@K:entry-export@'
