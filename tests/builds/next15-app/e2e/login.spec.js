import { test } from 'node:test'

test('signs in', async () => {
  await fetch('http://localhost:3000/api/login', { method: 'POST', body: JSON.stringify({ token: '@K:end-to-end-test@' }) })
})
