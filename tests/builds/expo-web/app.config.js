const inner = '@K:config-constant@'
module.exports = {
  name: 'x',
  slug: 'x',
  scheme: 'x',
  version: '1.0.0',
  description: '@K:config-description@',
  web: { bundler: 'metro', output: 'static' },
  plugins: ['expo-router'],
  extra: { key: process.env.CHAT_EXTRA_KEY, literal: '@K:extra-literal@', size: inner.length },
  hooks: {},
}
