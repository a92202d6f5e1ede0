const key = process.env.BOARD_API_KEY ?? '@K:script-fallback@'
await fetch('https://board.example.invalid/seed', { headers: { Authorization: `Bearer ${key}` } })
