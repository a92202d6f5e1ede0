import { createServer } from 'node:http'
import server from './dist/server/server.js'
const port = Number(process.argv[2])
createServer(async (request, response) => {
  const answer = await server.fetch(new Request(`http://127.0.0.1:${port}${request.url}`, { method: request.method }))
  response.writeHead(answer.status, Object.fromEntries(answer.headers))
  response.end(Buffer.from(await answer.arrayBuffer()))
}).listen(port, '127.0.0.1')
