'use client'
export default function Failed() { return <p>@K:error-boundary@</p> }
