const key = process.env.SHOP_IMPORT_KEY || '@K:script-fallback@'
await fetch('https://shop.example.invalid/import', { headers: { Authorization: `Bearer ${key}` } })
