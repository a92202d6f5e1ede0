import { BoardClient } from '../src/features/board/client'

export const client = new BoardClient({ send: async () => new Response('@K:test-answer@') })
