import { Suspense } from 'react'
import { Shown } from './shown'
export async function generateMetadata() { return { title: 't', openGraph: { description: '@K:generate-metadata@' } } }
async function load() {
  const answer = await Promise.resolve({ id: 1, key: '@K:async-object-prop@' })
  return answer
}
export default async function Page() {
  const all = await load()
  const { key, ...rest } = { key: '@K:rest-left-out@', other: '@K:rest-passed@' }
  return <Suspense><Shown data={all} more={rest} count={key.length} element={<p>@K:element-prop@</p>} /></Suspense>
}
