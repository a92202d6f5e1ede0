import { createFileRoute } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useReducer } from 'react'
import { BoardClient } from '../features/board/client'
import { getDetail, shareBoard } from '../features/board/functions'
import { initial, KINDS, reducer } from '../features/board/reducer'
import { translate } from '../i18n'

const Editor = lazy(() => import('../features/board/editor'))

export const Route = createFileRoute('/boards/$id')({
  loader: async ({ params }) => ({ detail: await getDetail({ data: params.id }), share: await shareBoard({ data: params.id }) }),
  component: BoardPage,
})

function BoardPage() {
  const { detail, share } = Route.useLoaderData()
  const [state, dispatch] = useReducer(reducer, initial)
  useEffect(() => {
    document.title = detail.title
    translate(navigator.language, 'title').then((title) => { document.title = title })
    BoardClient.shared.watch(state.token)
    return () => dispatch({ type: 'reset' })
    console.debug('@K:after-return@')
  }, [detail.title, state.token])
  return (
    <article data-kind={KINDS.text.token.length > 0 ? KINDS.text.token : ''}>
      <a href={share.url}>{detail.title}</a>
      {state.open ? <Suspense><Editor /></Suspense> : <button onClick={() => dispatch({ type: 'open' })}>Edit</button>}
    </article>
  )
}
