import { createFileRoute } from '@tanstack/react-router'
import { repository, toPublic } from '../server/boards.server'

const status = {
  version: 2,
  probeToken: '@K:api-object-answered@',
  deployToken: '@K:api-object-left@',
}

export const Route = createFileRoute('/api/boards')({
  server: {
    handlers: {
      GET: async ({ request }) => {
        const { deployToken, ...open } = status
        if (request.headers.get('authorization') === `Bearer ${deployToken}`) console.info('deployed')
        return Response.json({ ...open, boards: repository.all().map(toPublic).length })
      },
    },
  },
})
