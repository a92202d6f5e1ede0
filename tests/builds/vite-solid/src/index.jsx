/* @license @K:legal-comment@ */
import { createSignal, For, lazy, Match, Switch } from 'solid-js'
import { render } from 'solid-js/web'
const Lazy = lazy(() => import('./lazy.jsx'))
const rows = Object.entries({ a: '@K:object-entries@' })
const unused = () => '@K:unused-function@'
const merged = Object.assign({}, { k: '@K:object-assign@' })
const { left, ...rest } = { left: 'a', right: '@K:rest-read@' }
const [first] = ['a', '@K:array-second-unread@']
let late
late = '@K:assigned-later@'
const tagged = String.raw`@K:tagged-template@`
const regexp = /@K:regular-expression@/
const map = new Map([['k', '@K:map-value@']])
const symbol = { ['@K:computed-property-name@']: 1 }
console.log('@K:console-dropped@')
function App() {
  const [state, set] = createSignal('a')
  return (
    <main class="@K:class@" classList={{ '@K:class-list@': true }} onClick={() => set('@K:signal-set@')} prop:k="@K:prop-attribute@">
      <For each={rows}>{([name, value]) => <i>{name}{value}</i>}</For>
      <Switch fallback={<p>@K:switch-fallback@</p>}><Match when={false}><p>@K:match-false@</p></Match></Switch>
      {state()}{merged.k}{rest.right}{first}{late}{tagged}{regexp.source}{map.get('k')}{Object.keys(symbol)}
      {process.env.CHAT_PRIVATE_KEY}{globalThis.token}{__COUNT__}{import.meta.env.VITE_CHAT_LOCAL}
      <Lazy />
    </main>
  )
}
render(() => <App />, document.getElementById('root'))
if (0) render('@K:if-zero@')
label: while (false) console.info('@K:while-false@')
switch ('a') { case 'b': document.title = '@K:switch-case@' }
try { JSON.parse('{"k":"@K:json-string@"}').k.at(0) } catch { document.title = '@K:catch@' }
