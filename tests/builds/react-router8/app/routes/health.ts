import { env } from '~/lib/env.server'
export const loader = async () => { const checks = await Promise.allSettled([fetch('data:,', { headers: { k: env.PAYMENTS_KEY, x: '@K:health-header@' } })]); return Response.json(checks.map((c) => c.status)) }
