import { createMiddleware, createServerFn } from '@tanstack/react-start'
import { setCookie, setResponseHeader } from '@tanstack/react-start/server'
import { repository, toPublic } from '../../server/boards.server'
import { serverEnv } from '../../server/env.server'

const AUDIT_KEY = '@K:middleware-module-constant@'

const audited = createMiddleware({ type: 'function' }).server(async ({ next }) => {
  console.info(`audit ${AUDIT_KEY}`, '@K:server-log@')
  return next({ context: { session: serverEnv.BOARD_SESSION_KEY } })
})

export const listBoards = createServerFn({ method: 'GET' })
  .middleware([audited])
  .handler(async ({ context }) => {
    await repository.touch()
    setCookie('board', '@K:cookie-set@')
    setResponseHeader('x-board', '@K:response-header-set@')
    return { boards: repository.all().map(toPublic), signed: context.session.length > 0 }
  })

export const shareBoard = createServerFn({ method: 'GET' })
  .inputValidator((id: string) => id)
  .handler(async ({ data }) => {
    if (data.length > 40) throw new Error('Too long; ask @K:server-error-thrown@')
    const url = new URL('https://board.example.invalid/share')
    url.searchParams.set('key', serverEnv.BOARD_SHARE_KEY)
    return { id: data, url: url.href }
  })

const details: Record<string, { title: string; note: string; draft: string }> = {
  one: {
    title: 'One',
    note: '@K:detail-field-returned@',
    draft: '@K:detail-field-left@',
  },
}

export const getDetail = createServerFn({ method: 'GET' })
  .inputValidator((id: string) => id)
  .handler(async ({ data }) => {
    const { title, note } = details[data] ?? { title: 'None', note: '' }
    return { title, note }
  })
