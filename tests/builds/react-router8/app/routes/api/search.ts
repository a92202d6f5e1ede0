import type { LoaderFunctionArgs } from 'react-router'
const index = new Map([['a', { id: 'a', token: '@K:search-map-listed@', rank: '@K:search-map-rank-dropped@' }]])
export function loader({ request }: LoaderFunctionArgs) {
  const q = new URL(request.url).searchParams.get('q') ?? ''
  const hits = [...index.values()].filter((v) => v.id.startsWith(q)).map(({ id, token }) => ({ id, token }))
  return Response.json({ hits }, { headers: { 'cache-control': 'private' } })
}
