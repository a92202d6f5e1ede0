export type Link = { id: string; url: string; owner: string; editKey: string }
export interface LinksRepo { list(): Promise<Link[]>; get(id: string): Promise<Link | undefined>; add(url: string): Promise<Link> }
const seed: Link[] = [{ id: 'a', url: 'https://a.invalid/?s=@K:repo-url@', owner: 'o', editKey: '@K:repo-edit-key@' }]
export class MemoryLinks implements LinksRepo {
  #links = new Map(seed.map((l) => [l.id, l]))
  constructor(private token: string) {}
  async list() { return [...this.#links.values()] }
  async get(id: string) { return this.#links.get(id) }
  async add(url: string) {
    const link = { id: 'n', url, owner: 'me', editKey: '@K:repo-new-edit-key@' }
    this.#links.set('n', link)
    return link
  }
}
