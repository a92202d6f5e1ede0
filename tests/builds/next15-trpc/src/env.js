import { createEnv } from '@t3-oss/env-nextjs'
import { z } from 'zod'

export const env = createEnv({
  server: {
    DATABASE_URL: z.string().min(1),
    PAYMENTS_SECRET_KEY: z.string(),
    PAYMENTS_WEBHOOK_SECRET: z.string().default('@K:env-schema-default@'),
    MAIL_API_KEY: z.string().optional(),
    SUPPORT_WIDGET_SECRET: z.string(),
    ENCRYPTION_KEY: z.string(),
    TRPC_ECHO: z.string(),
    NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  },
  client: {
    NEXT_PUBLIC_ANALYTICS_KEY: z.string(),
  },
  runtimeEnv: {
    DATABASE_URL: process.env.DATABASE_URL,
    PAYMENTS_SECRET_KEY: process.env.PAYMENTS_SECRET_KEY,
    PAYMENTS_WEBHOOK_SECRET: process.env.PAYMENTS_WEBHOOK_SECRET,
    MAIL_API_KEY: process.env.MAIL_API_KEY,
    SUPPORT_WIDGET_SECRET: process.env.SUPPORT_WIDGET_SECRET,
    ENCRYPTION_KEY: process.env.ENCRYPTION_KEY,
    TRPC_ECHO: process.env.TRPC_ECHO,
    NODE_ENV: process.env.NODE_ENV,
    NEXT_PUBLIC_ANALYTICS_KEY: process.env.NEXT_PUBLIC_ANALYTICS_KEY,
  },
  skipValidation: !!process.env.SKIP_ENV_VALIDATION,
  emptyStringAsUndefined: true,
})
