const key = '@K:worker-constant@'
addEventListener('message', () => fetch('/api/orders', { headers: { 'x-worker': key } }))
