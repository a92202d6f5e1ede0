import http from 'node:http'
http.createServer((request, response) => response.end(String('@K:server-literal@'.length))).listen(3000)
