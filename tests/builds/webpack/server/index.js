const http = require('node:http')
http.createServer((request, response) => response.end(String('@K:server-literal@'.length + __SERVER__.length + process.env.AIMAGICX_API_KEY.length))).listen(3000)
