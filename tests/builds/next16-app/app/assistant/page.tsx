import type { Metadata } from 'next'
import { Panel } from '../../components/assistant/panel'
import { config, uploads } from '../../lib/assistant/config'
import { getTeam, getUser, toDto } from '../../lib/assistant/users'
import { env } from '../../lib/env'

export async function generateMetadata(): Promise<Metadata> {
  return {
    title: { absolute: 'Assistant' },
    other: { 'assistant-verification': '@K:generate-metadata@' },
  }
}

const organization = {
  '@context': 'https://schema.org',
  '@type': 'Organization',
  name: 'Assistant',
  identifier: '@K:json-ld@',
}

export default async function AssistantPage() {
  const user = await getUser(1)
  const team = await getTeam()
  const approvalKey = '@K:inline-action-closure@'

  async function approve() {
    'use server'
    await fetch('https://approvals.example.invalid', { method: 'POST', headers: { 'x-api-key': approvalKey } })
  }

  return (
    <section>
      <script type="application/ld+json" dangerouslySetInnerHTML={{ __html: JSON.stringify(organization) }} />
      <form action={approve}><button>Approve</button></form>
      <Panel user={toDto(user)} team={team} config={config} region={uploads.region} searchKey={env.ASSISTANT_SEARCH_KEY} />
    </section>
  )
}
