import { create } from 'zustand'

const initialState = {
  messages: [],
  apiKey: '@K:zustand-state@',
}

export const useAssistant = create((set, get) => ({
  ...initialState,
  reset: () => set(initialState),
  ask: async (prompt) => {
    const answer = await fetch('/api/ask', { method: 'POST', headers: { 'x-api-key': get().apiKey }, body: prompt })
    set({ messages: [...get().messages, await answer.json()] })
  },
}))
