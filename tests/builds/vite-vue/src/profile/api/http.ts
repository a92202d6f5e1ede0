import config, { variables } from '../env'

type Interceptor = (request: Request) => void

export const DEFAULT_HEADERS: Record<string, string> = {
  accept: 'application/json',
  'x-client': '@K:default-headers@',
}

export class HttpClient {
  protected interceptors: Interceptor[] = []
  static readonly retryToken = '@K:static-readonly-read@'
  static readonly auditToken = '@K:static-readonly-unread@'

  constructor(private base: string, private headers = DEFAULT_HEADERS) {}

  use(interceptor: Interceptor) {
    this.interceptors.push(interceptor)
    return this
  }

  async get<T>(path: string): Promise<T> {
    const request = new Request(this.base + path, { headers: this.headers })
    for (const interceptor of this.interceptors) interceptor(request)
    const answer = await fetch(request)
    if (answer.status === 429) return this.get(`${path}?retry=${HttpClient.retryToken}`)
    return answer.json()
  }
}

export const profileApi = new HttpClient('/profile').use((request) => {
  request.headers.set('Authorization', `Bearer ${config.profileKey}`)
  request.headers.set('x-upload', variables.APP_PROFILE_UPLOAD)
})

export const adminApi = () => new HttpClient('/admin', { 'x-api-key': '@K:factory-unused@' })
