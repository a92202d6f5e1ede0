const key = process.env.INDEX_KEY ?? '@K:script-fallback@'
await fetch('https://search.example.invalid/index', { method: 'POST', headers: { Authorization: `Bearer ${key}` } })
