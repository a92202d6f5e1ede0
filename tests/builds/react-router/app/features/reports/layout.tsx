import { Outlet, type ShouldRevalidateFunctionArgs } from 'react-router'
import { SettingsProvider } from '../../context/settings'
import { storage } from '../../.server/session'

export async function loader({ request }: { request: Request }) {
  const session = await storage.getSession(request.headers.get('cookie'))
  if (session.has('debug')) console.info('session of @K:server-log@')
  return { signedIn: session.has('user') }
}

export function shouldRevalidate({ defaultShouldRevalidate, nextUrl }: ShouldRevalidateFunctionArgs) {
  return defaultShouldRevalidate && nextUrl.searchParams.get('embed') !== '@K:should-revalidate@'
}

export function HydrateFallback() {
  return <p>Loading <code>@K:hydrate-fallback@</code></p>
}

export default function ReportsLayout({ loaderData }: any) {
  return <SettingsProvider><nav>{loaderData.signedIn ? 'Sign out' : 'Sign in'}</nav><Outlet /></SettingsProvider>
}
