import { $, component$, useSignal, useTask$, useVisibleTask$ } from '@builder.io/qwik'
import { isServer } from '@builder.io/qwik'
import type { DocumentHead } from '@builder.io/qwik-city'
import { both } from '../lib/both'
import { Card } from '../components/card'
const items = ['@K:mapped-item@']
// @K:comment@
export const head: DocumentHead = { title: 'x', meta: [{ name: 'k', content: '@K:document-head@' }] }
export default component$(() => {
  const state = useSignal('@K:signal-rendered@')
  const kept = useSignal('@K:signal-captured@')
  const click = $(() => { fetch('/x', { headers: { Authorization: '@K:handler-qrl@' } }) })
  useVisibleTask$(() => { console.log('@K:visible-task@') })
  useTask$(() => { if (isServer) globalThis.k = '@K:task-on-server@' })
  const measured = isServer ? '@K:is-server-measured@'.length : 0
  const rendered = isServer ? '@K:is-server-rendered@' : ''
  return (
    <section title="@K:attribute@" onClick$={click} onInput$={() => { kept.value += 'a' }}>
      @K:static-text@ {state.value}{both()}{measured}{rendered}{items.map((item) => <i key={item}>{item}</i>)}
      {__KEY__}{import.meta.env.PUBLIC_CHAT_KEY}{import.meta.env.VITE_CHAT_KEY}{import.meta.env.CHAT_PRIVATE_KEY}
      {import.meta.env.DEV && <p>@K:dev-markup@</p>}
      <Card label="@K:component-prop@" />
    </section>
  )
})
