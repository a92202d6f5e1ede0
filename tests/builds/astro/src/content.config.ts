import { defineCollection, z } from 'astro:content'
import { glob } from 'astro/loaders'

const guides = defineCollection({
  loader: glob({ pattern: '*.md', base: './src/content/guides' }),
  schema: z.object({ title: z.string(), order: z.number(), reviewToken: z.string().optional() }),
})

export const collections = { guides }
