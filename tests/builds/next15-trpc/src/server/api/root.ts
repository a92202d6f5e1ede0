import { accountRouter } from './routers/account'
import { invoiceRouter } from './routers/invoice'
import { createCallerFactory, router } from './trpc'

export const appRouter = router({ invoice: invoiceRouter, account: accountRouter })
export type AppRouter = typeof appRouter
export const createCaller = createCallerFactory(appRouter)
