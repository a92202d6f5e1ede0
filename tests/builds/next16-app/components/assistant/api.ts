import { env } from '../../lib/env'

export enum Scope {
  Read = 'read',
  Admin = '@K:enum-member-unread@',
}

export const ENDPOINTS = {
  ask: '/api/assistant',
  upload: '/api/upload?key=@K:as-const-read@',
} as const

export class AssistantApi {
  private readonly token: string

  constructor(token = '@K:constructor-default@') {
    this.token = token
  }

  static fromEnvironment() {
    return new AssistantApi(env.NEXT_PUBLIC_ASSISTANT_KEY)
  }

  private headers(scope: Scope) {
    return { Authorization: `Bearer ${this.token}`, 'x-scope': scope }
  }

  ask(prompt: string) {
    return fetch(`${ENDPOINTS.ask}?prompt=${prompt}`, { headers: this.headers(Scope.Read) })
  }

  upload(body: Blob) {
    return fetch(ENDPOINTS.upload, { method: 'PUT', headers: this.headers(Scope.Read), body })
  }
}
