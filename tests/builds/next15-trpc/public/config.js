window.__CONFIG__ = { key: '@K:public-config@' }
