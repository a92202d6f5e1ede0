export class AssistantClient {
  static defaultKey =
    '@K:client-static-default@'

  constructor({ baseUrl = '/api', apiKey = AssistantClient.defaultKey, fetcher = fetch } = {}) {
    this.baseUrl = baseUrl
    this.apiKey = apiKey
    this.fetcher = fetcher
  }

  get headers() {
    return { 'content-type': 'application/json', Authorization: `Bearer ${this.apiKey}` }
  }

  async complete(prompt) {
    const answer = await this.fetcher(`${this.baseUrl}/complete`, {
      method: 'POST',
      headers: this.headers,
      body: JSON.stringify({ prompt }),
    })
    if (!answer.ok) throw new Error(`The assistant answered ${answer.status}`)
    return answer.json()
  }
}

export function createSummarizer(apiKey) {
  const headers = new Headers({ 'x-api-key': apiKey })
  return { summarize: (text) => fetch('/api/summary', { method: 'POST', headers, body: text }) }
}

export const summarizer = createSummarizer(
  '@K:closure-argument@',
)

export const adminSummarizer = createSummarizer(
  '@K:closure-argument-unused@',
)

export class AdminClient extends AssistantClient {
  static adminKey = '@K:subclass-unused@'
}
