import { lazy, Suspense, useCallback } from 'react'
import { env } from '../../.server/env'
import { listReports } from '../../.server/reports'
import { columns, host, publicEnv } from './config'
import { useSettings } from '../../context/settings'

const Chart = lazy(() => import('./chart'))
const PAGE_TOKEN = '@K:constant-loader-and-component@'
const LOG_TOKEN = '@K:constant-middleware-only@'

export const middleware = [
  async (_: unknown, next: () => Promise<Response>) => {
    globalThis.lastLog = LOG_TOKEN
    return next()
  },
]

export async function loader() {
  const reports = await listReports()
  return {
    page: PAGE_TOKEN.length,
    share: { url: `/share?key=${env.shareKey}` },
    reports: reports.map((report) => ({ id: report.id, title: report.title, download: report.downloadKey })),
  }
}

export async function clientAction() {
  return { queued: true, receipt: '@K:client-action@' }
}

export default function Reports({ loaderData }: any) {
  const { token } = useSettings()
  const refresh = useCallback(async () => {
    const headers = { Authorization: `Bearer ${token}`, 'x-reports': publicEnv.reportsKey, 'x-page': PAGE_TOKEN }
    const answer = await fetch(host.url, { headers: { ...headers, 'x-host': host.key } })
    if (!answer.ok) throw new Error('Reports are not available, call with @K:thrown-in-client@')
  }, [token])
  return (
    <table onClick={refresh}>
      <thead><tr>{columns.map((column) => <th key={column.name}>{column.label}</th>)}</tr></thead>
      <tbody>{loaderData.reports.map((report: any) => <tr key={report.id}><td>{report.title}</td></tr>)}</tbody>
      <tfoot><tr><td><Suspense><Chart /></Suspense></td></tr></tfoot>
    </table>
  )
}

declare global { var lastLog: string | undefined }
