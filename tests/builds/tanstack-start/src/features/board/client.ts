import { clientEnv } from '../../config/env'

interface Transport { send(path: string, headers: HeadersInit): Promise<Response> }

const browserTransport: Transport = { send: (path, headers) => fetch(path, { headers }) }

const withKey = (transport: Transport, key: string): Transport => ({
  send: (path, headers) => transport.send(path, { ...headers, 'x-api-key': key }),
})

export class BoardClient {
  static #shared?: BoardClient
  private readonly region: string

  constructor(
    private readonly transport: Transport,
    { region = clientEnv.VITE_BOARD_REGION, trace = '@K:destructured-constructor-default@' } = {},
  ) {
    this.region = `${region}?trace=${trace}`
  }

  static get shared() {
    return (this.#shared ??= new BoardClient(withKey(browserTransport, '@K:decorated-transport@')))
  }

  async watch(id: string) {
    const answer = await this.transport.send(`/watch/${id}/${this.region}`, { Authorization: `Bearer ${clientEnv.VITE_BOARD_KEY}` })
    if (answer.status === 403) throw new Error('Forbidden: the key @K:client-error-text@ has no access')
    return answer
  }
}

export function createDemoClient() {
  return new BoardClient(withKey(browserTransport, '@K:factory-unused@'))
}
