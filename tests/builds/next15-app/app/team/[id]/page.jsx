import { profiles } from '../../../lib/team/members'

export const generateStaticParams = () => profiles.map(({ id }) => ({ id: String(id) }))

export default async function MemberPage({ params }) {
  const { id } = await params
  const member = profiles.find((candidate) => candidate.id === Number(id))
  return <p className="badge">{member.name} {member.badge}</p>
}
