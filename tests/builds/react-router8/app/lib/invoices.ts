export type Invoice = { id: string; total: number; link?: string; internal?: string }
const rows: Invoice[] = [{ id: '1', total: 3, link: '@K:invoice-link@', internal: '@K:invoice-internal-omitted@' }]
export const listInvoices = (): Pick<Invoice, 'id' | 'link'>[] => rows.map((r) => ({ id: r.id, link: r.link }))
export const findInvoice = (id: string) => rows.find((r) => r.id === id)
export const total = (all: { total?: number }[]) => all.reduce((s, r) => s + (r.total ?? 0), 0)
