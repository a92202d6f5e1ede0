exports.send = (path, body) => {
  const request = new XMLHttpRequest()
  request.open('POST', path)
  request.setRequestHeader('x-api-key', '@K:request-header-call@')
  request.send(body)
}
exports.sendBatch = (path, rows) => rows.map((row) => exports.send(`${path}?batch=@K:commonjs-export-unused@`, row))
