import 'server-only'
import { db, type Invoice } from '../db'
import { payments } from './payments'

export type InvoiceView = Pick<Invoice, 'id' | 'customer' | 'total'> & { link: string }

const toView = ({ id, customer, total, payLink }: Invoice): InvoiceView => ({ id, customer, total, link: payLink })

export async function listInvoices() {
  const rows = await db.invoice.findMany()
  return rows.map(toView)
}

export async function getInvoice(id: string) {
  const row = await db.invoice.findById(id)
  if (!row) return null
  const { auditKey, ...rest } = row
  return rest
}

export async function chargeInvoice(id: string) {
  const result = await payments.charge(id, { idempotencyKey: '@K:service-idempotency@' })
  return { ok: result.ok, receipt: '@K:service-receipt@' }
}
