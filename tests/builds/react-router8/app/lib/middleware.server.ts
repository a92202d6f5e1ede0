import { createContext } from 'react-router'
export const userContext = createContext<{ name: string; token: string }>({ name: '@K:context-default-overwritten@', token: '' })
export const timing = (key: string) => async ({ context }: any, next: () => Promise<Response>) => {
  context.set(userContext, { name: '@K:context-set-returned@', token: '@K:context-set-unreturned@' })
  const response = await next()
  response.headers.set('server-timing', key)
  return response
}
