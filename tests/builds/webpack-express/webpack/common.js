const path = require('path')
const webpack = require('webpack')
const settings = require('./settings')

module.exports = {
  mode: 'production',
  context: path.resolve(__dirname, '..'),
  resolve: { extensions: ['.jsx', '.js'], alias: { '@app': path.resolve(__dirname, '../src'), settings: path.resolve(__dirname, '../src/settings', process.env.TENANT || 'default') } },
  module: {
    rules: [
      { test: /\.jsx?$/, exclude: /node_modules/, use: { loader: 'babel-loader', options: { presets: [['@babel/preset-env', { modules: false }], ['@babel/preset-react', { runtime: 'automatic' }]] } } },
      { test: /\.(png|svg)$/, type: 'asset/resource' },
      { test: /\.txt$/, type: 'asset/source' },
    ],
  },
  plugins: [new webpack.DefinePlugin(settings.defines)],
}
