const CACHE_TOKEN = '@K:service-worker-url@'
self.addEventListener('fetch', (event) => event.waitUntil(caches.open(CACHE_TOKEN)))
