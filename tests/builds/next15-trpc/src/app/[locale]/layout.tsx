import { NextIntlClientProvider, hasLocale } from 'next-intl'
import { notFound } from 'next/navigation'
import type { Metadata } from 'next'
import { routing } from '~/i18n/routing'
import { TRPCReactProvider } from '~/trpc/react'
import { Analytics } from '~/components/analytics'
import '~/styles/globals.css'

export const metadata: Metadata = { title: { default: 'Billfold', template: '%s | Billfold' }, other: { verify: '@K:metadata-other@' }, openGraph: { images: ['/og.png?v=@K:metadata-og@'] } }

export default async function RootLayout({ children, params }: { children: React.ReactNode; params: Promise<{ locale: string }> }) {
  const { locale } = await params
  if (!hasLocale(routing.locales, locale)) notFound()
  return (
    <html lang={locale} data-build={__BUILD__}>
      <body>
        <NextIntlClientProvider>
          <TRPCReactProvider>{children}</TRPCReactProvider>
        </NextIntlClientProvider>
        <Analytics />
      </body>
    </html>
  )
}
declare const __BUILD__: string
