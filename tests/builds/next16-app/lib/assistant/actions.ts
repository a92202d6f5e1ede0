'use server'

const WEBHOOK_KEY = '@K:action-module-constant@'

export async function sendFeedback(data: FormData) {
  await fetch('https://feedback.example.invalid', {
    method: 'POST',
    headers: { Authorization: `Bearer ${WEBHOOK_KEY}` },
    body: String(data.get('text')),
  })
  return { ok: true }
}
