import { HttpClient } from '../src/profile/api/http'

export const client = new HttpClient('/test', { 'x-api-key': '@K:spec-argument@' })
