import { json, text } from '@sveltejs/kit'
import { settings } from '#lib/server/mail/config.js'

const ANSWER_HEADERS = { 'x-mail-key': '@K:answer-headers-constant@' }

export async function GET() {
  const { pageSize, uploadToken } = settings
  return json({ pageSize, uploadToken }, { headers: ANSWER_HEADERS })
}

export async function POST({ request }) {
  const body = await request.json()
  if (body.key !== '@K:compared-literal@') console.warn('expected @K:server-log@')
  return text(body.key === undefined ? 'no key' : 'ok')
}
