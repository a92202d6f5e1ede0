export default defineContentScript({ include: ['firefox'], matches: ['*://*/*'], main() { document.title = '@K:content-firefox-only@' } })
