export default () => [{ url: 'https://example.invalid/@K:sitemap@' }]
