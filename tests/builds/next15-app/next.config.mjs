const nextConfig = {
  env: { CONFIG_KEY: process.env.CHAT_CONFIG_KEY, CONFIG_LITERAL: '@K:config-env-literal@', CONFIG_UNREAD: process.env.CHAT_CONFIG_UNREAD },
  async headers() {
    return [{ source: '/dash', headers: [{ key: 'x-own', value: '@K:config-header@' }] }]
  },
  async rewrites() {
    return [{ source: '/proxied', destination: 'https://example.invalid/?key=@K:config-rewrite@' }]
  },
  compiler: { define: { DEFINED_KEY: '@K:compiler-define@' }, removeConsole: true },
  webpack(config, { isServer, webpack }) {
    config.plugins.push(new webpack.DefinePlugin({ __SERVER_KEY__: isServer ? JSON.stringify('@K:define-server-rendered@') : '""' }))
    return config
  },
}
export default nextConfig
