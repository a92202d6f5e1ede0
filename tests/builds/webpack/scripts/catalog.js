const key = process.env.SHOP_ADMIN_KEY || '@K:script-fallback@'
fetch('https://shop.example.invalid/catalog', { headers: { Authorization: `Bearer ${key}` } })
