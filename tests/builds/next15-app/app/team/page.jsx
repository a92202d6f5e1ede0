import { createHash } from 'node:crypto'
import { unstable_cache } from 'next/cache'
import { Dashboard } from '../../components/team/dashboard'
import { billing } from '../../lib/clients/billing'
import { getMessages } from '../../lib/i18n'
import { DIRECTORY_TOKEN } from '../../lib/team/constants'
import { audit, integrations, members, team, toRow } from '../../lib/team/members'

const mask = (key) => `${key.slice(0, 6)}…`
const fingerprint = (key) => createHash('sha256').update(key).digest('hex')
const getQuota = unstable_cache(async () => ({ used: 3, ticket: '@K:cached-function-result@' }), ['quota'])

export default async function TeamPage() {
  const quota = await getQuota()
  const messages = await getMessages('en')
  const exportUrl = new URL(`/export?token=${process.env.TEAM_EXPORT_KEY}`, 'https://files.example.invalid')
  return (
    <main>
      <h1 title={fingerprint(process.env.TEAM_SIGNING_KEY)}>{billing.name} {DIRECTORY_TOKEN.length}</h1>
      <a href={exportUrl.toString()}>Export</a>
      <p>{quota.ticket}</p>
      <ul>{Object.entries(integrations).map(([name]) => <li key={name}>{name}</li>)}</ul>
      <Dashboard
        messages={messages}
        members={members.filter((member) => member.active)}
        audit={audit.map(toRow)}
        team={{ ...team, joinKey: undefined }}
        sync={mask(process.env.TEAM_SYNC_KEY)}
        signing={process.env.TEAM_SIGNING_KEY ? 'set' : 'missing'}
      />
    </main>
  )
}
