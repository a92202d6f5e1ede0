import { defineStore } from 'pinia'
import { useSocket } from '@/composables/useSocket'
import { LIMITS } from '@/keys'
export const useBoards = defineStore('boards', {
  state: () => ({ list: [] as { id: string; title: string }[], token: '@K:store-state@' }),
  getters: { limited: (state) => state.list.slice(0, LIMITS.boards) },
  actions: {
    async load() { this.list = await (await fetch('/api/boards', { headers: { key: '@K:store-action@' } })).json() },
    open(id: string, via: string) { useSocket(this.token).send('board:open', id, via) },
  },
})
