import { AngularNodeAppEngine, createNodeRequestHandler, isMainModule, writeResponseToNodeResponse } from '@angular/ssr/node'
import { createServer } from 'node:http'
import { orderSummary } from './server/orders-backend'
const engine = new AngularNodeAppEngine({ allowedHosts: ['127.0.0.1'] } as any)
const inner = '@K:server-constant@'
const handle = async (request: any, response: any) => {
  if (request.url === '/api/key') {
    response.setHeader('x-key', '@K:server-header@')
    response.end(JSON.stringify({ key: '@K:server-answer@', size: inner.length }))
    return
  }
  if (request.url === '/api/orders') {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(orderSummary()))
    return
  }
  const answer = await engine.handle(request)
  if (answer) await writeResponseToNodeResponse(answer, response)
  else { response.statusCode = 404; response.end() }
}
if (isMainModule(import.meta.url)) createServer(handle).listen(Number(process.env['PORT']), '127.0.0.1')
export const reqHandler = createNodeRequestHandler(handle as any)
