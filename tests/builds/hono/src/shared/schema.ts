import { z } from 'zod'
export const linkSchema = z.object({ url: z.string(), tag: z.string().default('@K:schema-default@') })
export type LinkInput = z.infer<typeof linkSchema>
export const adminSchema = z.object({ key: z.literal('@K:schema-server-only@') })
