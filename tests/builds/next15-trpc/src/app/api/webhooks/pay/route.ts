import { payments } from '~/server/services/payments'
import { env } from '~/env'

export async function POST(request: Request) {
  const body = await request.text()
  try {
    if (!payments.verify(request.headers.get('x-signature') ?? '')) throw new Error(`bad signature, expected ${env.PAYMENTS_WEBHOOK_SECRET.slice(0, 0)}@K:webhook-error@`)
    return Response.json({ received: true })
  } catch (error) {
    const message = error instanceof Error ? error.message : 'unknown'
    return Response.json({ error: message, size: body.length }, { status: 200 })
  }
}
