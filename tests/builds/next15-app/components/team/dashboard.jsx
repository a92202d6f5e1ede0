'use client'
import { createContext, useContext, useEffect, useState } from 'react'
import { initAnalytics, initServerAnalytics } from '../../lib/clients/analytics'
import constants, { AVATAR_TOKEN, PAGE_SIZE } from '../../lib/team/constants'

const Messages = createContext({})

function useStored(name, initial = '@K:hook-default-parameter@') {
  const [value, setValue] = useState(initial)
  useEffect(() => setValue(localStorage.getItem(name) ?? initial), [name, initial])
  return [value, setValue]
}

function Row({ member }) {
  const messages = useContext(Messages)
  return <li title={messages.title}><img alt="" src={`/avatar?token=${AVATAR_TOKEN}`} />{member.name}</li>
}

export function Dashboard({ messages, members, audit, team, sync, signing }) {
  const [draft, setDraft] = useStored('draft')
  useEffect(() => {
    initAnalytics({ team: team.name })
    initServerAnalytics()
    if (process.env.NEXT_PUBLIC_STAGE === 'staging') {
      initAnalytics({ writeKey: '@K:stage-branch-not-taken@' })
    }
    import('../../lib/clients/chat').then(({ start }) => start(process.env.NEXT_PUBLIC_TEAM_KEY))
    fetch(constants.endpoints.team)
  }, [team])
  return (
    <Messages.Provider value={messages}>
      <p>{sync} {signing} {audit.length}</p>
      <ul>{members.slice(0, PAGE_SIZE).map((member) => <Row key={member.id} member={member} />)}</ul>
      <textarea value={draft} onChange={(event) => setDraft(event.target.value)} />
    </Messages.Provider>
  )
}
