import { z } from 'zod'

export const serverEnv = z
  .object({ BOARD_API_KEY: z.string(), BOARD_SHARE_KEY: z.string(), BOARD_SESSION_KEY: z.string() })
  .parse(process.env)
