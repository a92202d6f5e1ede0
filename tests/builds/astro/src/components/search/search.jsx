import { useMemo, useState } from 'react'
import { SearchClient } from './client.js'

const suggestions = import.meta.env.SSR ? [] : ['try', '@K:not-ssr-literal@']

export default function Search({ options, placeholder, theme = '@K:parameter-default@' }) {
  const client = useMemo(() => new SearchClient(options), [options])
  const [hits, setHits] = useState([])
  const debug = import.meta.env.DEV ? '@K:dev-ternary@' : ''
  async function search(event) {
    const answer = await client.query(event.target.value)
    if (!answer.ok) return setHits(suggestions)
    setHits(await answer.json())
  }
  return <label data-theme={theme} data-debug={debug}><input placeholder={placeholder} onInput={search} />{hits.length}</label>
}
