const inner = '@K:api-constant@'
export default function handler(request, response) {
  const hidden = process.env.MAGICX_API_HIDDEN || inner
  response.setHeader('x-size', hidden.length)
  response.status(200).json({ key: process.env.AIMAGICX_API_KEY, literal: '@K:api-literal@' })
}
