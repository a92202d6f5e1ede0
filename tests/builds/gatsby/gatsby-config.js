require('dotenv').config({ path: `.env.${process.env.NODE_ENV}` })
module.exports = {
  siteMetadata: { title: 'x', key: '@K:site-metadata-queried@', other: '@K:site-metadata-unqueried@' },
  plugins: [],
  proxy: { prefix: '/api', url: 'https://example.invalid/@K:proxy@' },
}
