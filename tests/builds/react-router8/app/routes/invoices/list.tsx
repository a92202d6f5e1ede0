import { useLoaderData, Await } from 'react-router'
import { Suspense } from 'react'
import { listInvoices, total } from '~/lib/invoices'
export const loader = async () => ({ rows: listInvoices(), later: new Promise<string>((r) => setTimeout(() => r('@K:deferred-value@'), 5)) })
export default function List() {
  const { rows, later } = useLoaderData<typeof loader>()
  return <ul>{rows.map((r) => <li key={r.id}>{r.id}</li>)}<Suspense fallback="…"><Await resolve={later}>{(v) => <i>{v}</i>}</Await></Suspense>{total([])}</ul>
}
