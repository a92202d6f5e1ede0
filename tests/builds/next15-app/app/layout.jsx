import Script from 'next/script'
import './globals.css'
export const metadata = {
  title: 'x',
  description: '@K:metadata-description@',
  other: { verification: process.env.CHAT_META_KEY },
}
export const viewport = { themeColor: '@K:viewport@' }
export default function Layout({ children }) {
  return (
    <html>
      <body data-key="@K:layout-attribute@">
        {/* @K:layout-comment@ */}
        {children}
        <Script id="a">{`window.key = '@K:script-children@'`}</Script>
      </body>
    </html>
  )
}
