import type { Route } from './+types/home'
import { Form, Link, useFetcher, type ClientLoaderFunctionArgs } from 'react-router'
import { copy, serverOnly } from '~/lib/shared'
import { Money } from '~/components/money'
export const headers = () => ({ 'x-home': '@K:headers-export@' })
export const handle = { breadcrumb: '@K:handle-export@' }
export async function loader() {
  const key = serverOnly()
  await fetch('data:,', { headers: { key } })
  return { hint: process.env.SERVER_HINT ? 'on' : 'off', deferred: Promise.resolve('@K:loader-promise@') }
}
export async function clientLoader({ serverLoader }: ClientLoaderFunctionArgs) { sessionStorage.setItem('k', '@K:client-loader@'); return serverLoader() }
export async function action() { return { ok: true, unused: '@K:home-action@' } }
export default function Home({ loaderData }: Route.ComponentProps) {
  const fetcher = useFetcher({ key: '@K:fetcher-key@' })
  const rendered = typeof process === 'object' ? process.env.SERVER_HINT : ''
  return <main><Link to="/invoices" state={{ k: '@K:link-state@' }}>{copy.pay}</Link><Money value={1} /><Form method="post"><button>{loaderData.hint}{rendered}{fetcher.state}</button></Form></main>
}
