export const config = { api: { bodyParser: false } }

export default async function handler(request, response) {
  const expected = process.env.ACCOUNT_HOOK_KEY
  if (request.headers['x-hook'] !== expected) {
    return response.send(`expected ${expected}`)
  }
  response.end('ok')
}
