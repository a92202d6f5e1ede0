import '../styles.css'
import { getEnv } from 'waku/server'
const own = '@K:layout-constant@'
export default async function Layout({ children }: any) {
  const size = own.length + String(getEnv('ASSIST_SERVER_KEY')).length
  return <div title="@K:layout-attribute@" data-size={size}><meta name="k" content="@K:layout-meta@" />{/* @K:layout-comment@ */}{children}</div>
}
export const getConfig = async () => ({ render: 'static' }) as const
