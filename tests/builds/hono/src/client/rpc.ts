import { hc } from 'hono/client'
import type { AppType } from '../server/app'
export const client = hc<AppType>('/', { headers: async () => ({ 'x-turnstile': import.meta.env.VITE_TURNSTILE, 'x-rpc': '@K:client-hc-header@' }) })
declare global { interface ImportMeta { env: Record<string, string> } }
