import { useState } from 'hono/jsx'
import { render } from 'hono/jsx/dom'
import { client } from './rpc'
import { limits, cdn } from '../shared/limits'
import { linkSchema } from '../shared/schema'
import { flags } from './flags'
import './main.css'

function App() {
  const [error, setError] = useState('')
  const submit = async () => {
    const parsed = linkSchema.safeParse({ url: location.href })
    if (!parsed.success) return setError('bad @K:client-error@')
    await client.api.links.$post({ json: parsed.data }, { headers: { 'x-app': '@K:client-rpc-header@' } })
  }
  return <main data-cdn={cdn}><button onClick={submit}>{limits.perDay}</button>{error}{flags.beta && <a href="/beta?k=@K:client-flag-off@">beta</a>}</main>
}
render(<App />, document.getElementById('app')!)
