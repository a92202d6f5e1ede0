import { both } from '../utils/both'
// @K:comment@
const unused = '@K:background-unused@'
export default defineBackground(() => {
  if (import.meta.env.DEV) console.log('@K:dev-branch@')
  if (import.meta.env.FIREFOX) console.log('@K:firefox-branch@')
  if (import.meta.env.CHROME) console.log('@K:chrome-branch@')
  console.log('@K:background-literal@', import.meta.env.WXT_CHAT_KEY, import.meta.env.VITE_CHAT_KEY, import.meta.env.CHAT_PRIVATE_KEY, import.meta.env.WXT_CHAT_CHROME, __KEY__, both(), shout())
})
