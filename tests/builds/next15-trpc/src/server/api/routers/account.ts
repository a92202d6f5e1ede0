import { env } from '~/env'
import { protectedProcedure, publicProcedure, router } from '../trpc'

export const accountRouter = router({
  me: protectedProcedure.query(({ ctx }) => {
    const { email, displayKey } = ctx.user
    return { email, displayKey, echo: env.TRPC_ECHO }
  }),
  secret404: publicProcedure.query(() => {
    throw new Error(`audit failed for ${process.env.AUDIT_KEY}`)
  }),
})
