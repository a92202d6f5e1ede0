import { notFound } from 'next/navigation'
import { getInvoice } from '~/server/services/invoices'
import { Details } from './details'

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const invoice = await getInvoice((await params).id)
  if (!invoice) notFound()
  return <Details invoice={invoice} />
}
