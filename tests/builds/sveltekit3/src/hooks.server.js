const inner = '@K:hook-constant@'
export async function handle({ event, resolve }) {
  event.locals.size = inner.length
  event.locals.key = '@K:hook-locals@'
  const response = await resolve(event, { transformPageChunk: ({ html }) => html.replace('%replaced%', '@K:transform-page-chunk@') })
  response.headers.set('x-key', '@K:hook-header@')
  return response
}
export const handleError = () => ({ message: '@K:handle-error@' })
