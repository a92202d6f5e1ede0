import { listInvoices } from '~/server/services/invoices'
export const dynamic = 'force-dynamic'
const SEPARATOR = ';'
export async function GET() {
  const rows = await listInvoices()
  const csv = [['id', 'customer', '@K:export-header-cell@'], ...rows.map((row) => [row.id, row.customer, String(row.total)])].map((row) => row.join(SEPARATOR)).join('\n')
  return new Response(csv, { headers: { 'content-type': 'text/csv', 'content-disposition': `attachment; filename="@K:export-filename@.csv"` } })
}
