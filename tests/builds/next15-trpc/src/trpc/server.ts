import 'server-only'
import { cache } from 'react'
import { createCaller } from '~/server/api/root'
import { createContext } from '~/server/api/trpc'

const context = cache(async () => createContext({ headers: new Headers({ 'x-source': '@K:trpc-server-header@' }) }))
export const api = createCaller(context)
