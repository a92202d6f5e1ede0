import { initTRPC, TRPCError } from '@trpc/server'
import superjson from 'superjson'
import { ZodError, z } from 'zod'
import { env } from '~/env'

export const createContext = async (opts: { headers: Headers }) => ({
  user: { id: 'u1', email: 'a@b.invalid', apiToken: '@K:context-user-token@', displayKey: '@K:context-display-key@' },
  mailer: { key: env.MAIL_API_KEY },
  ...opts,
})

const t = initTRPC.context<typeof createContext>().create({
  transformer: superjson,
  errorFormatter({ shape, error }) {
    return { ...shape, data: { ...shape.data, support: '@K:trpc-error-formatter@', zodError: error.cause instanceof ZodError ? z.flattenError(error.cause) : null } }
  },
})

const timing = t.middleware(async ({ next, path }) => {
  const result = await next({ ctx: { requestKey: '@K:trpc-middleware-ctx@' } })
  if (path.length > 100) console.log('@K:trpc-middleware-log@'.length)
  return result
})

export const router = t.router
export const createCallerFactory = t.createCallerFactory
export const publicProcedure = t.procedure.use(timing)
export const protectedProcedure = publicProcedure.use(({ ctx, next }) => {
  if (!ctx.user) throw new TRPCError({ code: 'UNAUTHORIZED', message: '@K:trpc-unreached-error@' })
  return next({ ctx: { user: ctx.user } })
})
