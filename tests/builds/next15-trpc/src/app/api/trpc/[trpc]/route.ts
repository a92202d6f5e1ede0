import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { appRouter } from '~/server/api/root'
import { createContext } from '~/server/api/trpc'

const handler = (req: Request) =>
  fetchRequestHandler({
    endpoint: '/api/trpc', req, router: appRouter,
    createContext: () => createContext({ headers: req.headers }),
    onError: ({ path, error }) => { console.error(path, error.code, '@K:trpc-on-error@'.length) },
    responseMeta: () => ({ headers: new Headers([['x-rate', '@K:trpc-response-meta@']]) }),
  })

export { handler as GET, handler as POST }
