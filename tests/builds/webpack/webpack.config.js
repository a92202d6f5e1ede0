const path = require('node:path')
require('dotenv').config()
const { BannerPlugin, DefinePlugin, EnvironmentPlugin, NormalModuleReplacementPlugin, ProvidePlugin } = require('webpack')
const CopyPlugin = require('copy-webpack-plugin')
const HtmlPlugin = require('html-webpack-plugin')

const looped = Object.keys(process.env).filter((name) => name.startsWith('CHAT_LOOP_'))
const fromEnv = looped.reduce((all, name) => ({ ...all, [`process.env.${name}`]: JSON.stringify(process.env[name]) }), {})

// The settings that the shop gets, read at build time.
const shop = {
  apiUrl: 'https://shop.example.invalid',
  apiKey: process.env.SHOP_API_KEY,
  adminKey: process.env.SHOP_ADMIN_KEY,
}

const client = (env) => ({
  name: 'client',
  mode: 'production',
  entry: { main: './src/index.js', shop: './src/shop/start.js', admin: { import: './src/admin.js', dependOn: undefined } },
  output: { path: path.resolve(__dirname, 'dist'), filename: '[name].js', clean: true },
  module: {
    rules: [
      { test: /\.css$/, use: ['style-loader', 'css-loader'] },
      { test: /\.svg$/, type: 'asset/inline' },
      { test: /\.txt$/, type: 'asset/source' },
      { test: /\.csv$/, type: 'asset/resource' },
    ],
  },
  resolve: { alias: { 'shop-config': path.resolve(__dirname, 'config/shop.production.js') } },
  externals: { analytics: 'Analytics' },
  devServer: {
    headers: { 'x-dev': '@K:dev-server-header@' },
    proxy: [{ context: ['/api'], target: 'http://localhost:4000' }],
  },
  plugins: [
    new NormalModuleReplacementPlugin(/transport\.mock\.js$/, './transport.real.js'),
    new DefinePlugin({
      __SHOP__: JSON.stringify({ apiUrl: shop.apiUrl, apiKey: shop.apiKey }),
      'FLAGS.REFUNDS': JSON.stringify(false),
    }),
    new DefinePlugin({
      __CLI__: JSON.stringify(env.token),
      __LITERAL__: JSON.stringify('@K:define-literal@'),
      __UNREAD__: JSON.stringify('@K:define-unread@'),
      'process.env.CHAT_DEFINED': JSON.stringify(process.env.CHAT_DEFINED),
      __RUNTIME__: DefinePlugin.runtimeValue(() => JSON.stringify('@K:define-runtime-value@')),
      SETTINGS: { open: '"a"' },
      ...fromEnv,
    }),
    new EnvironmentPlugin({ CHAT_PRIVATE_KEY: '', MISSING_KEY: '@K:environment-default@', UNREAD_KEY: '@K:environment-default-unread@' }),
    new ProvidePlugin({ provided: [path.resolve(__dirname, 'src/provided.js'), 'value'], unprovided: path.resolve(__dirname, 'src/unprovided.js') }),
    new BannerPlugin({ banner: '@K:banner-plugin@' }),
    new HtmlPlugin({
      template: 'src/page.html',
      title: 'x',
      meta: { verification: '@K:page-meta@' },
      templateParameters: { pageKey: process.env.CHAT_PAGE_KEY, unusedKey: '@K:page-parameter-unused@' },
    }),
    new CopyPlugin({ patterns: [{ from: 'public', to: '.' }] }),
  ],
})
const maps = {
  name: 'maps',
  mode: 'production',
  devtool: 'source-map',
  entry: './src/mapped.js',
  output: { path: path.resolve(__dirname, 'dist/maps') },
  dependencies: ['client'],
}
const server = {
  name: 'server',
  mode: 'production',
  target: 'node',
  entry: './server/index.js',
  output: { path: path.resolve(__dirname, 'build') },
  plugins: [new DefinePlugin({ __SERVER__: JSON.stringify('@K:server-define@') })],
}
module.exports = (env) => [client(env), maps, server]
