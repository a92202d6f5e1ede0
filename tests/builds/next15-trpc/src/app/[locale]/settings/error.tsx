'use client'
export default function Failed({ reset }: { reset: () => void }) { return <button onClick={reset}>@K:error-boundary@</button> }
