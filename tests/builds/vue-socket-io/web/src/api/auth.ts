import { http } from './http'
export const login = (name: string, body: object) => http.post('/login', { name, ...body })
export const resetAll = () => http.post('/reset', { key: '@K:api-unused-function@' })
