const key = process.env.RELEASE_KEY ?? '@K:script-fallback@'
await fetch('https://orders.example.invalid/release', { headers: { Authorization: `Bearer ${key}` } })
