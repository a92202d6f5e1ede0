import { createApp } from '../src/server/app'
test('x', async () => { await createApp().request('/', { headers: { k: '@K:test-header@' } }) })
