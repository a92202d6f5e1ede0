import createMiddleware from 'next-intl/middleware'
import { NextResponse, type NextRequest } from 'next/server'
import { routing } from './i18n/routing'

const intl = createMiddleware(routing)
const BLOCKED = new Set(['@K:middleware-blocklist@'])

export default function middleware(request: NextRequest) {
  if (BLOCKED.has(request.headers.get('x-key') ?? '')) return new NextResponse(null, { status: 403 })
  const response = intl(request)
  response.cookies.set('trace', '@K:middleware-cookie@', { httpOnly: true })
  return response
}

export const config = { matcher: ['/((?!api|_next|.*\\..*).*)'] }
