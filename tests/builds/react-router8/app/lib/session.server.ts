import { createCookieSessionStorage, redirect } from 'react-router'
import { env } from './env.server'
const storage = createCookieSessionStorage<{ user: string; note: string }>({ cookie: { name: 's', secrets: [env.SESSION_SECRET], domain: undefined, path: '/' } })
export async function signIn(user: string) {
  const session = await storage.getSession()
  session.set('user', user)
  session.flash('note' as never, '@K:session-flash-cookie@' as never)
  return redirect('/', { headers: { 'Set-Cookie': await storage.commitSession(session), 'x-login': '@K:redirect-header@' } })
}
export const destroy = async () => redirect('/login?from=@K:logout-redirect@')
