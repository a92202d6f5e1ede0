window.__poly = window.__poly || '@K:polyfill-entry@'
