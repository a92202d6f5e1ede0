import { members } from '../../../lib/team/members'

const people = [
  {
    id: 1,
    name: 'Ada',
    phoneToken: '@K:route-rows-left@',
  },
]

export async function GET() {
  const meta = {
    total: members.length,
    cursor: '@K:route-variable-answered@',
  }
  return Response.json({ rows: people.map(({ id, name }) => ({ id, name })), meta })
}
