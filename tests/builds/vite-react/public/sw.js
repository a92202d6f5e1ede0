const PUSH_KEY = '@K:service-worker@'
self.addEventListener('push', (event) => event.waitUntil(fetch('/api/seen', { headers: { 'x-api-key': PUSH_KEY } })))
