const secret = '@K:config-used-nowhere@'
const fs = require('node:fs')
module.exports = {
  title: 'x',
  tagline: '@K:tagline@',
  url: 'https://example.invalid',
  baseUrl: '/',
  onBrokenLinks: 'warn',
  customFields: { key: process.env.CHAT_PRIVATE_KEY ?? '@K:custom-fields@', other: '@K:custom-fields-unread@' },
  headTags: [{ tagName: 'meta', attributes: { name: 'k', content: '@K:head-tags@' } }],
  scripts: [{ src: 'https://example.invalid/a.js?k=@K:scripts@', async: true }],
  clientModules: ['./src/client.js'],
  themeConfig: { navbar: { title: 'x' }, footer: { copyright: '@K:theme-footer@' }, metadata: [{ name: 'm', content: '@K:theme-metadata@' }], own: '@K:theme-own@' },
  presets: [['classic', { docs: { routeBasePath: '/', editUrl: 'https://example.invalid/@K:edit-url@/' }, blog: { feedOptions: { copyright: '@K:feed-copyright@' } }, theme: { customCss: './src/css/own.css' } }]],
  plugins: [
    () => ({
      name: 'own',
      loadContent: async () => ({ open: 'a', key: '@K:plugin-content@', hidden: '@K:plugin-content-left@' }),
      contentLoaded: ({ content, actions }) => actions.setGlobalData({ key: content.key }),
      injectHtmlTags: () => ({ headTags: ['<meta name="i" content="@K:inject-html-tags@">'] }),
      configureWebpack: (config, isServer, { currentBundler }) => ({ plugins: [new currentBundler.instance.DefinePlugin({ __KEY__: JSON.stringify('@K:configure-webpack@'), __UNREAD__: JSON.stringify('@K:configure-webpack-unread@') })] }),
      postBuild: () => { globalThis.k = '@K:post-build@' },
    }),
  ],
}
