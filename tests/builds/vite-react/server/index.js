import { createServer } from 'node:http'
const key = '@K:server-literal@'
createServer(async (request, response) => {
  const answer = await fetch('https://www.aimagicx.com', { headers: { Authorization: process.env.ASSIST_SERVER_KEY || key } })
  response.end(String(answer.status))
}).listen(3000)
