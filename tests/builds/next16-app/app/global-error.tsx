'use client'
export default function Failed() { return <html><body>@K:global-error@</body></html> }
