const key = process.env.MAIL_IMPORT_KEY ?? '@K:script-fallback@'
await fetch('https://mail.example.invalid/import', { headers: { Authorization: `Bearer ${key}` } })
