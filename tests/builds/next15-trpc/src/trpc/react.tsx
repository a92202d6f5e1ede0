'use client'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { httpBatchLink, loggerLink } from '@trpc/client'
import { createTRPCReact } from '@trpc/react-query'
import { useState } from 'react'
import superjson from 'superjson'
import type { AppRouter } from '~/server/api/root'

export const api = createTRPCReact<AppRouter>()

export function TRPCReactProvider(props: { children: React.ReactNode }) {
  const [queryClient] = useState(() => new QueryClient({ defaultOptions: { queries: { staleTime: 30_000, meta: { key: '@K:query-meta@' } } } }))
  const [trpcClient] = useState(() =>
    api.createClient({
      links: [
        loggerLink({ enabled: () => process.env.NODE_ENV === 'development' && '@K:trpc-logger-dev@'.length > 0 }),
        httpBatchLink({ transformer: superjson, url: getBaseUrl() + '/api/trpc', headers: () => ({ 'x-client': '@K:trpc-client-header@' }) }),
      ],
    }),
  )
  return <QueryClientProvider client={queryClient}><api.Provider client={trpcClient} queryClient={queryClient}>{props.children}</api.Provider></QueryClientProvider>
}

function getBaseUrl() {
  if (typeof window !== 'undefined') return window.location.origin
  if (process.env.VERCEL_URL) return `https://${process.env.VERCEL_URL}?t=@K:base-url-server-branch@`
  return `http://localhost:${process.env.PORT ?? 3000}`
}
