export default defineContentScript({ matches: ['https://example.invalid/*'], main() { document.title = '@K:content-literal@' } })
