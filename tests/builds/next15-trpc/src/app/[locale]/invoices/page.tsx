import { Suspense } from 'react'
import type { Metadata } from 'next'
import { api } from '~/trpc/server'
import { InvoiceTable } from '~/components/invoice-table'

export async function generateMetadata(): Promise<Metadata> {
  const { items } = await api.invoice.list()
  return { title: `${items.length} invoices`, description: '@K:generate-metadata@' }
}

async function Rows() {
  const { items } = await api.invoice.list()
  return <InvoiceTable initial={items.map((item) => ({ ...item, link: '' }))} />
}

export default function Page() {
  return <Suspense fallback={<p>@K:suspense-fallback@</p>}><Rows /></Suspense>
}
