class Http {
  #key = '@K:http-private-field@'
  static admin = '@K:http-static-unused@'
  constructor(private base = '/api', private graph = import.meta.env.VITE_GRAPH_KEY) {}
  async post(path: string, body: unknown) {
    return fetch(this.base + path, { method: 'POST', body: JSON.stringify(body), headers: { 'x-key': this.#key, 'x-graph': this.graph, 'x-app': __APP_KEY__ } })
  }
}
declare const __APP_KEY__: string
export const http = new Http()
