import { Store } from './store'
export const dynamic = 'force-dynamic'
async function get() {
  await fetch('http://127.0.0.1:9/', { headers: { Authorization: `Bearer ${process.env.CHAT_FETCH_KEY}` } }).catch(() => {})
  return new Promise((done) => done('@K:promise-prop@'))
}
export default async function Page() { return <Store promise={get()} map={new Map([['k', '@K:map-prop@']])} /> }
