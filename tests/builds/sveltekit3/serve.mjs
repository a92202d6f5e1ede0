import { createServer } from 'node:http'
import { handler } from './build/handler.js'

// What a proxy in front of the server says: the site is asked without TLS.
createServer((request, response) => {
  request.headers['x-forwarded-proto'] = 'http'
  handler(request, response)
}).listen(Number(process.argv[2]), '127.0.0.1')
