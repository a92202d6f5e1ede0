'use client'
import dynamic from 'next/dynamic'
import { useReducer, useState } from 'react'
import { sendFeedback } from '../../lib/assistant/actions'
import type { AssistantConfig } from '../../lib/assistant/config'
import type { VendorMessage } from '../../lib/assistant/vendor'
import { AssistantApi } from './api'

const Map = dynamic(() => import('./map'), { ssr: false })

type Action = { type: 'answered'; message: VendorMessage } | { type: 'demo' }

function reducer(messages: VendorMessage[], action: Action): VendorMessage[] {
  switch (action.type) {
    case 'answered':
      return [...messages, action.message]
    case 'demo':
      return [{ role: 'assistant', text: 'Try @K:reducer-message@' }]
  }
}

const origin = typeof window === 'undefined' ? '@K:window-undefined-measured@'.length : location.origin.length

type Props = { user: { id: number; name: string }; team: { name: string }; config: AssistantConfig; region: string; searchKey: string }

export function Panel({ user, team, config, region, searchKey }: Props) {
  const [api] = useState(() => AssistantApi.fromEnvironment())
  const [messages, dispatch] = useReducer(reducer, [])
  const [open, setOpen] = useState(false)
  async function submit(data: FormData) {
    const answer = await api.ask(String(data.get('prompt')))
    dispatch({ type: 'answered', message: { role: 'assistant', text: await answer.text() } })
    await sendFeedback(data)
  }
  if (process.env.NODE_ENV === 'test') {
    return <p>@K:node-env-test@</p>
  }
  return (
    <form action={submit} data-region={region} data-search={searchKey.length} data-origin={origin} suppressHydrationWarning>
      <h2>{user.name} of {team.name} asks {config.model}</h2>
      {messages.map((message, index) => <p key={index}>{message.text}</p>)}
      <input type="file" onChange={(event) => api.upload(event.target.files![0])} />
      <button type="button" onClick={() => { dispatch({ type: 'demo' }); setOpen(true) }}>Demo</button>
      {open && <Map />}
    </form>
  )
}
