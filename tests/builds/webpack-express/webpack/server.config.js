const path = require('path')
const { merge } = require('webpack-merge')
const webpack = require('webpack')
const common = require('./common')

module.exports = merge(common, {
  name: 'server',
  target: 'node',
  entry: './server/main.js',
  externals: [({ request }, done) => (/^[a-z@][a-z\-/]*$/i.test(request) && !request.startsWith('@app') && request !== 'settings' ? done(null, 'commonjs ' + request) : done())],
  output: { path: path.resolve(__dirname, '../dist/server'), filename: 'main.js' },
  module: { rules: [{ test: /\.css$/, loader: 'css-loader', options: { modules: { auto: true, exportOnlyLocals: true, namedExport: false } } }] },
  plugins: [new webpack.DefinePlugin({ __SERVER_KEY__: JSON.stringify('@K:define-server-config@') }), new webpack.BannerPlugin({ banner: '/* @K:server-banner@ */', raw: true })],
})
