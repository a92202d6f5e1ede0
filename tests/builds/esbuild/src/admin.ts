import type { Options } from './types'
import { shared } from './shared.js'
enum Level { Key = '@K:enum@' }
const enum Small { Open = 'o', Key = '@K:const-enum-unread@' }
const options: Options = { key: Level.Key, open: Small.Open }
document.title = options.key + options.open + shared
// @K:map-comment@
if (process.env.NODE_ENV === 'development') alert('@K:map-dev-only@')
