globalThis.effect = '@K:side-effect@'
