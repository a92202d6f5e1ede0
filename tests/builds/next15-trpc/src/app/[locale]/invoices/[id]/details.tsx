'use client'
export function Details({ invoice }: { invoice: { id: string; customer: string; internalNote?: string } }) {
  const show = invoice.customer === '@K:details-compare@'
  return <article>{invoice.customer}{show && <em>x</em>}</article>
}
