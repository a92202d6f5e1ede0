import 'server-only'
import { env } from '~/env'

export type Invoice = { id: string; customer: string; total: number; payLink: string; internalNote: string; auditKey: string }

const rows: Invoice[] = [
  { id: 'i1', customer: 'Ada', total: 10, payLink: 'https://pay.invalid/@K:db-pay-link@', internalNote: '@K:db-internal-note@', auditKey: '@K:db-audit-key@' },
]

class Table<T extends { id: string }> {
  constructor(private readonly url: string, private readonly items: T[]) {}
  async findMany() { if (!this.url) throw new Error('no database'); return this.items }
  async findById(id: string) { return this.items.find((row) => row.id === id) ?? null }
  async insert(row: Partial<T>) { this.items.push(row as T) }
}

export const db = { invoice: new Table<Invoice>(env.DATABASE_URL, rows) }
