import { Providers } from '../components/providers'
import styles from './layout.module.css'
export const metadata = { title: { template: '%s | @K:metadata-template@', default: 'x' }, keywords: ['@K:metadata-keywords@'] }
export default function Layout({ children }: any) {
  return <html><body className={styles.body}><Providers value={{ a: process.env.CHAT_CONTEXT_KEY }}>{children}</Providers></body></html>
}
