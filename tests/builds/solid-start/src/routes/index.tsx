import { createSignal, For, onMount, Show } from 'solid-js'
import { isServer } from 'solid-js/web'
import { both } from '../lib/both'
import { Card } from '../components/card'
const items = ['@K:for-item@']
// @K:comment@
export default function Home() {
  const [state] = createSignal('@K:signal@')
  onMount(() => { fetch('/x', { headers: { Authorization: '@K:on-mount@' } }) })
  if (import.meta.env.DEV) console.log('@K:dev-branch@')
  const measured = isServer ? '@K:is-server-measured@'.length : 0
  const rendered = isServer ? '@K:is-server-rendered@' : ''
  return (
    <section title="@K:attribute@" onClick={() => alert('@K:handler@')}>
      @K:text@ {state()}{both()}{measured}{rendered}
      <For each={items}>{(item) => <i>{item}</i>}</For>
      <Show when={false}><p>@K:show-false@</p></Show>
      {__KEY__}{import.meta.env.VITE_CHAT_KEY}{import.meta.env.CHAT_PRIVATE_KEY}
      <Card label="@K:component-prop@" />
    </section>
  )
}
