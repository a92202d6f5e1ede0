const path = require('node:path')
require('dotenv').config()
const { BannerPlugin, DefinePlugin, EnvironmentPlugin, ProvidePlugin } = require('webpack')
const CopyPlugin = require('copy-webpack-plugin')
const HtmlPlugin = require('html-webpack-plugin')

const looped = Object.keys(process.env).filter((name) => name.startsWith('CHAT_LOOP_'))
const fromEnv = looped.reduce((all, name) => ({ ...all, [`process.env.${name}`]: JSON.stringify(process.env[name]) }), {})

const client = (env) => ({
  name: 'client',
  mode: 'production',
  entry: { main: './src/index.js', admin: { import: './src/admin.js', dependOn: undefined } },
  output: { path: path.resolve(__dirname, 'dist'), filename: '[name].js', clean: true },
  module: {
    rules: [
      { test: /\.css$/, use: ['style-loader', 'css-loader'] },
      { test: /\.svg$/, type: 'asset/inline' },
      { test: /\.txt$/, type: 'asset/source' },
      { test: /\.csv$/, type: 'asset/resource' },
    ],
  },
  plugins: [
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
