import { getTranslations } from 'next-intl/server'
import { reference } from '~/lib/format'
import { SupportButton } from '~/components/support-button'
import { Hint } from '~/components/hint'
import { env } from '~/env'
declare const __SERVER_KEY__: string

export default async function Home() {
  const t = await getTranslations('Home')
  if (__SERVER_KEY__.length > 1000) return null
  return (
    <main>
      <h1>{t('title')}</h1>
      <Hint />
      <SupportButton config={{ id: reference('a'), identity: env.SUPPORT_WIDGET_SECRET }} />
      <footer>{t('footer')}</footer>
    </main>
  )
}
