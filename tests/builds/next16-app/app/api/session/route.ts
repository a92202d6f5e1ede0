import { cookies } from 'next/headers'

export async function POST() {
  const jar = await cookies()
  jar.set('session', '@K:cookie-set@', { httpOnly: true, sameSite: 'lax' })
  return new Response(null, {
    status: 204,
    headers: { 'x-session-issuer': '@K:response-init-header@' },
  })
}
