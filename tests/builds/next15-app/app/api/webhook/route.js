import { timingSafeEqual } from 'node:crypto'

export async function POST(request) {
  const given = Buffer.from(request.headers.get('x-signature') ?? '')
  const wanted = Buffer.from(process.env.TEAM_WEBHOOK_KEY)
  const valid = given.length === wanted.length && timingSafeEqual(given, wanted)
  if (!valid) console.warn(`got ${given}, expected @K:webhook-log@`)
  return Response.json({ received: valid })
}
