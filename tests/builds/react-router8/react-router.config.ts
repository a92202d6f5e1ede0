import type { Config } from '@react-router/dev/config'
export default { ssr: true, async prerender() { return ['/reports/2026'] }, routeDiscovery: { mode: 'lazy' }, buildEnd: async () => { void '@K:build-end@' } } satisfies Config
