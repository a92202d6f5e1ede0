import { defineAction } from 'astro:actions'
import { z } from 'astro:schema'

const LIST_KEY = '@K:action-constant@'

export const server = {
  subscribe: defineAction({
    accept: 'json',
    input: z.object({ email: z.string() }),
    handler: async ({ email }) => {
      await fetch('http://127.0.0.1:9/list', {
        method: 'POST',
        headers: { Authorization: `Bearer ${import.meta.env.FORM_BACKEND_KEY}`, 'x-list': LIST_KEY },
        body: email,
      }).catch(() => undefined)
      return { ok: true, confirmation: '@K:action-returned@' }
    },
  }),
}
