import { z } from 'zod'
const schema = z.object({ SESSION_SECRET: z.string(), PAYMENTS_KEY: z.string(), ANALYTICS: z.string(), OTHER: z.string().default('@K:schema-default@') })
export const env = schema.parse(process.env)
export const publicEnv = () => { const { ANALYTICS } = env; return { ANALYTICS } }
