import { PUBLIC_SEARCH_APP } from 'astro:env/client'

export class SearchClient {
  #options

  constructor(options) {
    this.#options = {
      timeout: 2000,
      fallbackKey: '@K:class-options-literal@',
      ...options,
    }
  }

  query(text) {
    const { searchKey, fallbackKey, index } = this.#options
    return fetch(`https://${PUBLIC_SEARCH_APP}.search.example.invalid/${index}?q=${text}`, {
      headers: { 'x-api-key': searchKey ?? fallbackKey },
    })
  }
}

export class IndexClient extends SearchClient {
  rebuild = () => fetch('/rebuild', { headers: { 'x-api-key': '@K:subclass-unused@' } })
}
