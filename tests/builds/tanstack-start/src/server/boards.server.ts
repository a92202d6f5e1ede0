import { serverEnv } from './env.server'

export interface Board { id: string; title: string; embedToken: string; ownerToken: string }

class BoardRepository {
  #boards: Board[] = [
    {
      id: 'one',
      title: 'One',
      embedToken: '@K:repository-rows-returned@',
      ownerToken: '@K:repository-rows-left@',
    },
  ]

  constructor(private readonly key = serverEnv.BOARD_API_KEY) {}

  all() {
    return this.#boards
  }

  async touch() {
    await fetch('http://127.0.0.1:9/touch', { headers: { Authorization: `Bearer ${this.key}` } }).catch(() => undefined)
  }
}

export const repository = new BoardRepository()

export const toPublic = ({ ownerToken, ...board }: Board) => board
