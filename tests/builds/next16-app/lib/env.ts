import { createEnv } from '@t3-oss/env-nextjs'
import { z } from 'zod'

export const env = createEnv({
  server: {
    ASSISTANT_MODEL_KEY: z.string().min(1),
    ASSISTANT_SEARCH_KEY: z.string().min(1),
  },
  client: {
    NEXT_PUBLIC_ASSISTANT_KEY: z.string().min(1),
  },
  runtimeEnv: {
    ASSISTANT_MODEL_KEY: process.env.ASSISTANT_MODEL_KEY,
    ASSISTANT_SEARCH_KEY: process.env.ASSISTANT_SEARCH_KEY,
    NEXT_PUBLIC_ASSISTANT_KEY: process.env.NEXT_PUBLIC_ASSISTANT_KEY,
  },
})
