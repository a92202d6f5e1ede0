self.onmessage = (e) => self.postMessage({ ...e.data, key: '@K:worker-unused@' })
