import { Links, Meta, Outlet, Scripts, ScrollRestoration, useLoaderData, useRouteLoaderData, isRouteErrorResponse, type MiddlewareFunction } from 'react-router'
import './root.css'
import { publicEnv } from './lib/env.server'
import { timing, userContext } from './lib/middleware.server'
export const middleware: MiddlewareFunction<Response>[] = [timing('@K:middleware-factory-header@')]
export const clientMiddleware = [async (_: unknown, next: () => Promise<unknown>) => { performance.mark('@K:client-middleware@'); return next() }]
export const links = () => [{ rel: 'preconnect', href: 'https://cdn.invalid/?k=@K:root-links@' }]
export const meta = () => [{ title: 'App' }, { name: 'check', content: '@K:root-meta@' }]
export async function loader({ context }: { context: any }) { return { env: publicEnv(), user: context.get(userContext).name } }
export function Layout({ children }: { children: React.ReactNode }) {
  const data = useRouteLoaderData('root') as { env: object } | undefined
  return <html lang="en"><head><Meta /><Links /></head><body data-side={__SIDE__}>{children}<script dangerouslySetInnerHTML={{ __html: `window.ENV=${JSON.stringify(data?.env)}` }} /><ScrollRestoration /><Scripts /></body></html>
}
export default function Root() { useLoaderData(); return <Outlet /> }
export function ErrorBoundary({ error }: { error: unknown }) { return <p data-k="@K:error-boundary@">{isRouteErrorResponse(error) ? error.statusText : 'x'}</p> }
export function HydrateFallback() { return <p>@K:hydrate-fallback@</p> }
declare const __SIDE__: string
