import { defineStore } from 'pinia'
export const useStore = defineStore('main', { state: () => ({ token: '@K:store-state@' }), getters: { size: (state) => state.token.length }, actions: { send() { return '@K:store-action@' } } })
export const useOther = defineStore('other', () => ({ key: '@K:store-unused@' }))
