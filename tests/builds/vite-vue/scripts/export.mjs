const key = process.env.PROFILE_ADMIN_KEY ?? '@K:script-fallback@'
await fetch('https://profile.example.invalid/export', { headers: { Authorization: `Bearer ${key}` } })
