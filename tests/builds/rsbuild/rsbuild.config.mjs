import { defineConfig, loadEnv } from '@rsbuild/core'
import { pluginReact } from '@rsbuild/plugin-react'
const { publicVars, rawPublicVars } = loadEnv({ prefixes: ['REACT_APP_'] })
export default defineConfig({
  plugins: [
    pluginReact(),
    { name: 'own', setup: (api) => api.transform({ test: /marked\.js$/ }, ({ code }) => code.replace('MARK', '@K:plugin-transform@')) },
  ],
  source: {
    entry: { index: './src/index.jsx', admin: './src/admin.js' },
    define: {
      ...publicVars,
      __SECRET__: JSON.stringify(process.env.CHAT_PRIVATE_KEY),
      __UNREAD__: JSON.stringify('@K:define-unread@'),
    },
    preEntry: './src/pre.js',
  },
  html: {
    title: 'x',
    template: './src/page.html',
    meta: { verification: '@K:html-meta@' },
    tags: [{ tag: 'script', children: 'window.k = "@K:html-tag@"' }],
    templateParameters: { own: '@K:template-parameter@', never: '@K:template-parameter-unused@' },
  },
  dev: {
    assetPrefix: 'https://dev.example.invalid/@K:dev-asset-prefix@/',
  },
  output: {
    copy: [{ from: './src/copied' }],
    sourceMap: { js: false },
    assetPrefix: 'https://cdn.example.invalid/@K:asset-prefix@/',
  },
  server: { proxy: { '/api': { target: 'http://localhost', headers: { Authorization: '@K:proxy@' } } }, headers: { 'x-key': '@K:dev-server-header@' } },
  tools: { bundlerChain: (chain, { rspack }) => { chain.plugin('own').use(rspack.DefinePlugin, [{ __CHAIN__: JSON.stringify('@K:chain-define@') }]) }, rspack: (config, { rspack, appendPlugins }) => { appendPlugins(new rspack.BannerPlugin({ banner: '/* @K:banner@ */', raw: true, footer: true })) } },
})
