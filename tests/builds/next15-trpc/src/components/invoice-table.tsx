'use client'
import dynamic from 'next/dynamic'
import { useActionState, useOptimistic } from 'react'
import { api } from '~/trpc/react'
import { PLAN_KEYS } from '~/lib/constants'
import { money } from '~/lib/format'
import { archive, remind } from '~/app/[locale]/invoices/actions'
import type { InvoiceView } from '~/server/services/invoices'

const Chart = dynamic(() => import('./chart').then((m) => m.Chart), { ssr: false, loading: () => <i>@K:dynamic-loading@</i> })

export function InvoiceTable({ initial }: { initial: InvoiceView[] }) {
  const { data } = api.invoice.list.useQuery(undefined, { enabled: false })
  const [state, action, pending] = useActionState(remind, { message: '@K:action-state-initial@' })
  const [rows] = useOptimistic(data?.items ?? initial)
  return (
    <form action={action} data-plan={PLAN_KEYS.pro}>
      {rows.map((row) => <p key={row.id}>{row.customer} {money(row.total)}<button formAction={archive.bind(null, row.id)}>x</button></p>)}
      <button disabled={pending}>{state.message}</button>
      <Chart />
    </form>
  )
}
