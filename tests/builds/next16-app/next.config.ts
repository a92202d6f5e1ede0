import type { NextConfig } from 'next'
const config: NextConfig = {
  cacheComponents: true,
  env: { OWN_KEY: process.env.CHAT_CONFIG_KEY! },
  typescript: { ignoreBuildErrors: true },
  compiler: { define: { __KEY__: '@K:compiler-define@' }, defineServer: { __SERVER__: '@K:define-server-rendered@', __SERVER_KEPT__: '@K:define-server-kept@' } },
  turbopack: { rules: { '*.txt': { loaders: ['./loader.cjs'], as: '*.js' } } },
  redirects: async () => [{ source: '/from', destination: '/to?k=@K:redirect@', permanent: false }],
}
export default config
