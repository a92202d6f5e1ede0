import { NextResponse } from 'next/server'
const inner = '@K:proxy-constant@'
export function proxy() { const answer = NextResponse.next(); answer.headers.set('x-key', '@K:proxy-header@'); answer.headers.set('x-size', String(inner.length)); return answer }
