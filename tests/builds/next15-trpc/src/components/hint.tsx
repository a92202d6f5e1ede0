'use client'
import { useTranslations } from 'next-intl'
import { Channel } from '~/lib/constants'
export function Hint() {
  const t = useTranslations('Home')
  return <p data-channel={Channel.Push}>{t('hint')}</p>
}
