import { defineConfig } from 'vitepress'
const search = { provider: 'algolia', options: { appId: 'a', apiKey: '@K:theme-search-key@', indexName: 'x' } }
export default defineConfig({
  title: 'x',
  description: '@K:site-description@',
  head: [['meta', { name: 'k', content: '@K:head-meta@' }], ['script', {}, 'window.k = "@K:head-script@"']],
  themeConfig: { search, nav: [{ text: 'a', link: '/?k=@K:theme-nav@' }], own: '@K:theme-own@' },
  srcExclude: ['**/draft.md'],
  vite: { define: { __KEY__: JSON.stringify('@K:vite-define@'), __UNREAD__: JSON.stringify('@K:vite-define-unread@') }, server: { proxy: { '/a': { headers: { k: '@K:vite-proxy@' } } } } },
  markdown: { config: (md) => { md.options.own = '@K:markdown-option@' } },
  transformHead: () => [['meta', { name: 't', content: '@K:transform-head@' }]],
  transformPageData: (page) => { page.frontmatter.added = '@K:transform-page-data@' },
  buildEnd: () => { globalThis.k = '@K:build-end@' },
  sitemap: { hostname: 'https://example.invalid/@K:sitemap@' },
  locales: { root: { label: 'a', lang: 'en', themeConfig: { own: '@K:locale-theme@' } } },
})
