import { PassThrough } from 'node:stream'
import { createReadableStreamFromReadable } from '@react-router/node'
import { ServerRouter, type EntryContext } from 'react-router'
import { renderToPipeableStream } from 'react-dom/server'
export const streamTimeout = 5000
export default function handle(request: Request, status: number, headers: Headers, context: EntryContext) {
  const nonce = '@K:entry-server-nonce@'
  return new Promise((resolve, reject) => {
    const { pipe } = renderToPipeableStream(<ServerRouter context={context} url={request.url} nonce={nonce} />, {
      nonce,
      bootstrapScriptContent: `window.__b='@K:entry-server-bootstrap@'`,
      onShellReady() {
        const body = new PassThrough()
        headers.set('content-type', 'text/html')
        headers.set('content-security-policy', "script-src 'self' '@K:entry-server-csp@' 'unsafe-inline'")
        resolve(new Response(createReadableStreamFromReadable(body), { headers, status }))
        pipe(body)
      },
      onShellError: reject,
    })
  })
}
export function handleError(error: unknown) { void ['@K:entry-server-handle-error@', error] }
