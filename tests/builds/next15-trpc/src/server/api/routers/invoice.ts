import { TRPCError } from '@trpc/server'
import { z } from 'zod'
import { env } from '~/env'
import { chargeInvoice, getInvoice, listInvoices } from '~/server/services/invoices'
import { protectedProcedure, publicProcedure, router } from '../trpc'

export const invoiceRouter = router({
  list: publicProcedure.query(async () => ({ items: await listInvoices(), cursor: '@K:trpc-list-cursor@' })),
  byId: publicProcedure.input(z.string()).query(async ({ input }) => getInvoice(input)),
  charge: protectedProcedure.input(z.object({ id: z.string().min(1, '@K:trpc-zod-message@') })).mutation(async ({ input }) => chargeInvoice(input.id)),
  fail404: publicProcedure.query(() => {
    throw new TRPCError({ code: 'BAD_REQUEST', message: 'Refused: @K:trpc-error-message@', cause: new Error('@K:trpc-error-cause@') })
  }),
  hash: publicProcedure.query(async () => {
    const { createHash } = await import('node:crypto')
    return createHash('sha256').update(env.ENCRYPTION_KEY).digest('hex').slice(0, 4)
  }),
})
