import http from 'node:http'
http.createServer((request, response) => response.end(String('@K:node-literal@'.length))).listen(3000)
