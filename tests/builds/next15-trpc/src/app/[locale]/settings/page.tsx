import { cookies } from 'next/headers'
import { APP } from '~/lib/constants'
import { Channels } from './channels'

async function save(form: FormData) {
  'use server'
  const pin = '@K:inline-action-pin@'
  ;(await cookies()).set('pin', String(form.get('pin') === pin))
}

export default async function Settings() {
  const pinLength = APP.staffPin.length
  const hidden = '@K:settings-hidden-input@'
  return (
    <form action={save}>
      <input type="hidden" name="k" value={hidden} />
      <input name="pin" maxLength={pinLength} />
      <Channels render={null} labels={['mail', 'push'].map((name) => ({ name, key: '@K:settings-mapped-label@' }))} />
    </form>
  )
}
