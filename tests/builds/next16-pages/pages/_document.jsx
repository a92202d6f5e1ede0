import { Head, Html, Main, NextScript } from 'next/document'
const own = '@K:document-unused@'
export default function Document() {
  return <Html><Head><meta name="k" content="@K:document-meta@" /></Head><body><Main /><NextScript /></body></Html>
}
