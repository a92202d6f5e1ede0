import { PARTNER_TOKEN } from '#shared/shop'

export default defineEventHandler(async (event) => {
  const body = await readBody(event)
  try {
    await useStripe(event).charge(body.amount ?? 0)
    return { ok: true }
  } catch (error) {
    console.error('checkout failed for @K:server-log@', error)
    return { ok: false, partner: PARTNER_TOKEN.length, message: 'Ask support and quote @K:catch-answer@' }
  }
})
