self.addEventListener('fetch', () => console.log('@K:service-worker@'))
