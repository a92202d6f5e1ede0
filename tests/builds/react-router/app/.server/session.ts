import { createCookieSessionStorage } from 'react-router'
import { env } from './env'

export const storage = createCookieSessionStorage({
  cookie: {
    name: 'session',
    secrets: [env.sessionKey, '@K:session-secret-literal@'],
    sameSite: 'lax',
  },
})
