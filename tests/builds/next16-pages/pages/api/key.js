const inner = '@K:api-constant@'
export default function handler(request, response) {
  const hidden = process.env.CHAT_API_HIDDEN || inner
  response.setHeader('x-size', hidden.length)
  response.status(200).json({ key: process.env.ASSIST_SERVER_KEY, literal: '@K:api-literal@' })
}
