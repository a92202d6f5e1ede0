import { z } from 'zod'

const schema = z.object({
  VITE_BOARD_KEY: z.string(),
  VITE_BOARD_REGION: z.string().default('eu'),
})

export const clientEnv = schema.parse({
  VITE_BOARD_KEY: import.meta.env.VITE_BOARD_KEY,
  VITE_BOARD_REGION: import.meta.env.VITE_BOARD_REGION,
})
