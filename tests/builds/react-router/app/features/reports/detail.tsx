import { data, isRouteErrorResponse } from 'react-router'
import { findReport } from '../../.server/reports'

export async function loader({ params }: { params: { id: string } }) {
  const report = await findReport(Number(params.id))
  if (!report) throw data('Not found, ask @K:thrown-data@', { status: 404 })
  return report
}

export function ErrorBoundary({ error }: { error: unknown }) {
  return isRouteErrorResponse(error) ? <p>{error.data}</p> : <p>Failed</p>
}

export default function Detail({ loaderData }: any) {
  return <h1>{loaderData.title}</h1>
}
