const http = require('node:http')
http.createServer((request, response) => response.end(String('@K:server-literal@'.length + __SERVER__.length + process.env.ASSIST_SERVER_KEY.length))).listen(3000)
