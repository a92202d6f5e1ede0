import { useEffect, useState } from 'react'
import { FLAGS, isEnabled } from '../../config/flags.js'
import { assistantKey } from '../../config/env.js'
import { translate } from '../../i18n/index.js'
import { AssistantClient, summarizer } from './client.js'
import { AssistantProvider, useAssistantToken, withToken } from './context.jsx'
import { http } from './http.js'
import { useAssistant } from './store.js'

const client = new AssistantClient({ apiKey: assistantKey })

function startLegacy(key) {
  window.legacyAssistant = { key }
}

if (FLAGS.legacyAssistant) {
  startLegacy('@K:flag-off-literal@')
}
if (isEnabled('assistant')) {
  window.assistant = { key: '@K:flag-on-call@' }
}

function validate(prompt) {
  if (prompt.length < 1000) return true
  return false
  console.debug('@K:after-return@')
}

function Status({ token }) {
  const { dispatch } = useAssistantToken()
  return <button onClick={() => dispatch({ type: 'signed-out' })}>{token ? 'Signed in' : 'Signed out'}</button>
}

const SignedStatus = withToken(
  Status,
  '@K:hoc-argument@',
)

export function Panel() {
  const ask = useAssistant((state) => state.ask)
  const [answer, setAnswer] = useState('')
  useEffect(() => {
    const worker = new Worker(new URL('./tokens.worker.js', import.meta.url), { type: 'module' })
    worker.postMessage(answer)
    return () => worker.terminate()
  }, [answer])
  async function submit(event) {
    event.preventDefault()
    const prompt = new FormData(event.target).get('prompt')
    if (!validate(prompt)) return
    await ask(prompt)
    await http.post('/log', { prompt })
    setAnswer(await client.complete(prompt))
    await summarizer.summarize(prompt)
  }
  return (
    <AssistantProvider>
      <SignedStatus />
      <form onSubmit={submit} aria-label={translate('en', 'title')}>{answer}</form>
    </AssistantProvider>
  )
}
