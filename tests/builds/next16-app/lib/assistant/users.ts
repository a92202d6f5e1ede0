import { cache } from 'react'

const users = [
  {
    id: 1,
    name: 'Ada',
    recoveryCode: '@K:dto-left-out@',
  },
]

export const getUser = cache(async (id: number) => users.find((user) => user.id === id)!)

export const toDto = (user: (typeof users)[number]) => ({ id: user.id, name: user.name })

export async function getTeam() {
  'use cache'
  return {
    name: 'Team',
    inviteToken: '@K:use-cache-team@',
    seats: 3,
  }
}
