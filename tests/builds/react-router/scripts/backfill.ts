const key = process.env.BACKFILL_KEY ?? '@K:script-fallback@'
await fetch('https://reports.example.invalid/backfill', { headers: { Authorization: `Bearer ${key}` } })
export {}
