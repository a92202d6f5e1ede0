import { NextResponse } from 'next/server'
const build = { version: '1.2.0', token: process.env.STATUS_TOKEN, commit: '@K:health-commit@' }
export const dynamic = 'force-dynamic'
export async function GET() {
  const { token, ...shown } = build
  return NextResponse.json({ ok: Boolean(token), ...shown })
}
