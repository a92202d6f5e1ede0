import { env } from './env'

export interface Report { id: number; title: string; downloadKey: string; authorToken: string }

class ReportsClient {
  private static cache = new Map<number, Report>()

  constructor(private key: string, private trace = '@K:server-constructor-default@') {}

  async all(): Promise<Report[]> {
    await fetch('http://127.0.0.1:9/reports', { headers: { Authorization: `Bearer ${this.key}`, 'x-trace': this.trace } }).catch(() => undefined)
    return [...ReportsClient.cache.values()]
  }
}

export const client = new ReportsClient(env.apiKey)

const rows: Report[] = [
  {
    id: 1,
    title: 'Revenue',
    downloadKey: '@K:async-rows-returned@',
    authorToken: '@K:async-rows-mapped-left@',
  },
]

export async function listReports() {
  await client.all()
  return rows
}

export async function findReport(id: number) {
  return details.find((report) => report.id === id)
}

const details = [
  {
    id: 1,
    title: 'Revenue',
    body: '@K:found-whole-returned@',
  },
]
