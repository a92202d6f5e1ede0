import { createFileRoute, Link, Outlet, redirect } from '@tanstack/react-router'
import { listBoards } from '../features/board/functions'

const BETA_CODE = '@K:before-load-compared@'

export const Route = createFileRoute('/boards')({
  validateSearch: (search: Record<string, unknown>) => ({ code: typeof search.code === 'string' ? search.code : undefined }),
  beforeLoad: ({ search }) => {
    if (search.code !== undefined && search.code !== BETA_CODE) throw redirect({ to: '/' })
    return { scope: 'read' }
  },
  loader: () => listBoards(),
  staleTime: 10_000,
  staticData: { crumb: '@K:static-data@' } as any,
  headers: () => ({ 'x-boards': '@K:route-headers@' }),
  component: Boards,
})

function Boards() {
  const { boards } = Route.useLoaderData()
  return <nav>{boards.map((board) => <Link key={board.id} to="/boards/$id" params={{ id: board.id }} search={{ code: undefined }}>{board.title}</Link>)}<Outlet /></nav>
}
