const path = require('path')
const webpack = require('webpack')
const { merge } = require('webpack-merge')
const MiniCss = require('mini-css-extract-plugin')
const Copy = require('copy-webpack-plugin')
const Terser = require('terser-webpack-plugin')
const common = require('./common')

class ManifestPlugin {
  constructor(options) { this.options = options }
  apply(compiler) {
    compiler.hooks.thisCompilation.tap('Manifest', (compilation) => {
      compilation.hooks.processAssets.tap('Manifest', () => {
        compilation.emitAsset('manifest.json', new webpack.sources.RawSource(JSON.stringify({ name: 'shop', build: this.options.build })))
      })
    })
  }
}

module.exports = merge(common, {
  name: 'client',
  target: 'web',
  entry: { main: ['./src/polyfills.js', './src/client.jsx'], admin: { import: './src/admin/index.js', dependOn: undefined } },
  output: { path: path.resolve(__dirname, '../dist/public'), filename: '[name].js', publicPath: '/assets/' },
  module: { rules: [{ test: /\.css$/, use: [MiniCss.loader, { loader: 'css-loader', options: { modules: { auto: true, namedExport: false } } }] }] },
  optimization: { splitChunks: { chunks: 'all' }, runtimeChunk: 'single', minimizer: [new Terser({ extractComments: true, terserOptions: { compress: { drop_console: true } } })] },
  plugins: [
    new MiniCss(),
    new ManifestPlugin({ build: '@K:plugin-asset@', secret: '@K:plugin-option-unused@' }),
    new Copy({ patterns: [{ from: 'static/site', to: 'site', globOptions: { ignore: ['**/*.draft.txt'] } }] }),
    new webpack.EnvironmentPlugin({ PUBLIC_FLAG: '@K:environment-default@' }),
    new webpack.NormalModuleReplacementPlugin(/services\/storage\.js$/, './storage.browser.js'),
    new webpack.IgnorePlugin({ resourceRegExp: /^\.\/heavy-locale$/ }),
  ],
  devServer: { headers: { 'x-dev': '@K:dev-server@' } },
})
