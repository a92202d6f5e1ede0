export function register() { globalThis.key = '@K:instrumentation@' }
