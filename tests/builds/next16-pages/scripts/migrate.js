const key = process.env.ACCOUNT_API_KEY || '@K:script-fallback@'
fetch('https://portal.example.invalid/migrate', { headers: { Authorization: `Bearer ${key}` } })
