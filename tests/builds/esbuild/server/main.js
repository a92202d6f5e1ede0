import http from 'node:http'
import { shared } from '../src/shared.js'
const own = '@K:server-literal@'
http.createServer((request, response) => response.end(String(shared.length + own.length + process.env.CHAT_SERVER_KEY.length))).listen(3000)
