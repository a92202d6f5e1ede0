export default defineEventHandler((event) => {
  const { shop } = useRuntimeConfig(event)
  setCookie(event, 'search', '@K:cookie-set@')
  return { host: 'search.example.invalid', apiKey: shop.searchKey }
})
