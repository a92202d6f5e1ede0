import 'server-only'
import { z } from 'zod'

const schema = z.object({
  ASSISTANT_CRON_KEY: z.string(),
  ASSISTANT_DATABASE_KEY: z.string(),
})

export const serverEnv = schema.parse(process.env)
