import createNextIntlPlugin from 'next-intl/plugin'

await import('./src/env.js')
const withNextIntl = createNextIntlPlugin('./src/i18n/request.ts')

/** @type {import('next').NextConfig} */
const config = {
  typescript: { ignoreBuildErrors: true },
  eslint: { ignoreDuringBuilds: true },
  images: { remotePatterns: [{ protocol: 'https', hostname: 'cdn.invalid', search: '?sig=@K:config-image-pattern@' }] },
  async headers() {
    return [{ source: '/:path*', headers: [{ key: 'x-app', value: '@K:config-headers@' }] }]
  },
  webpack(config, { isServer, webpack }) {
    config.plugins.push(new webpack.DefinePlugin({ __BUILD__: JSON.stringify('@K:config-define-build@') }))
    if (isServer) config.plugins.push(new webpack.DefinePlugin({ __SERVER_KEY__: JSON.stringify('@K:config-define-server@') }))
    return config
  },
}

export default withNextIntl(config)
