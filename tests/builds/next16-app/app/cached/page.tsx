import { cacheLife } from 'next/cache'
import { Row } from '../../components/row'
async function load() {
  'use cache'
  cacheLife('hours')
  return { id: 1, key: '@K:use-cache-returned@', hidden: '@K:use-cache-hidden@' }
}
export default async function Page() { const all = await load(); return <Row id={all.id} value={all.key} /> }
