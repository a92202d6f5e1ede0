import { error, fail } from '@sveltejs/kit'
import * as env from '$app/env/private'
import { MailClient } from '#lib/server/mail/client.js'
import { settings } from '#lib/server/mail/config.js'

const FORM_KEY = '@K:action-constant-used@'

export async function load({ cookies, setHeaders, url }) {
  if (url.searchParams.get('page') === 'none') error(400, 'no page')
  const rows = await MailClient.instance.threads()
  cookies.set('inbox', '@K:cookie-set@', { path: '/' })
  setHeaders({ 'x-inbox': '@K:set-headers@' })
  const { imapPassword, ...open } = settings
  return {
    threads: rows.map(({ id, subject, trackingKey }) => ({ id, subject, trackingKey })),
    settings: open,
    secure: imapPassword.length > 0,
    webhook: env.MAIL_WEBHOOK_KEY,
    later: Promise.resolve({ summary: '@K:streamed-promise@' }),
  }
}

export const actions = {
  send: async ({ request }) => {
    const data = await request.formData()
    const text = data.get('text')
    if (!text) return fail(200, { missing: true, debug: '@K:fail-data@' })
    await MailClient.instance.send(`${FORM_KEY} ${text}`)
    return { sent: true }
  },
}
