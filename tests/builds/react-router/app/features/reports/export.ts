import { listReports } from '../../.server/reports'

const SEPARATOR = ';'
const SIGNING_KEY = '@K:resource-signing@'

export async function loader() {
  const reports = await listReports()
  const lines = reports.map((report) => [report.id, report.title].join(SEPARATOR))
  lines.push('# generated with @K:resource-text-joined@')
  return new Response(lines.join('\n'), {
    headers: { 'content-type': 'text/csv', 'x-signature': String(SIGNING_KEY.length) },
  })
}
