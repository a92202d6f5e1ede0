import type { ClientActionFunctionArgs } from 'react-router'
export const loader = async ({ request }: { request: Request }) => {
  const url = new URL(request.url)
  const modes = { dark: '@K:mode-dark-returned@', light: '@K:mode-light-returned@' }
  return { mode: modes[(url.searchParams.get('m') ?? 'dark') as 'dark'], path: url.pathname }
}
export async function clientAction({ serverAction }: ClientActionFunctionArgs) { await fetch('/x', { headers: { k: '@K:client-action@' } }); return null }
export default function Settings({ loaderData }: { loaderData: { mode: string } }) { return <p>{loaderData.mode.length}</p> }
