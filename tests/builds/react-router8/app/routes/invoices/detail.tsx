import { data, redirect, type ActionFunctionArgs, type LoaderFunctionArgs } from 'react-router'
import { findInvoice } from '~/lib/invoices'
import { Payments } from '~/lib/payments.server'
import { API } from '~/lib/shared'
export async function loader({ params }: LoaderFunctionArgs) {
  const invoice = findInvoice(params.id!)
  if (!invoice) throw data({ reason: '@K:thrown-data@' }, { status: 404, statusText: 'gone' })
  const { internal, ...open } = invoice
  return data({ ...open, length: internal?.length }, { headers: { 'x-inv': '@K:data-headers-without-export@' } })
}
export async function action({ request, params }: ActionFunctionArgs) {
  const form = await request.formData()
  const intents: Record<string, () => Promise<unknown>> = {
    pay: () => Payments.get().pay(params.id!),
    void: async () => ({ voided: '@K:action-map-entry@' }),
  }
  const run = intents[String(form.get('intent'))]
  if (!run) return redirect('/')
  return run()
}
export default function Detail() { return <button onClick={() => API('/x')}>{import.meta.env.VITE_FLAG_KEY}</button> }
