import { Suspense } from 'react'
export const dynamic = 'force-dynamic'
async function Slow() { await new Promise((done) => setTimeout(done, 50)); return <p>@K:streamed@</p> }
export default function Page() { return <Suspense fallback={<p>@K:fallback@</p>}><Slow /></Suspense> }
