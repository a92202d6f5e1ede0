export const prerender = true
export const GET = () => new Response('<rss>@K:prerendered-endpoint@</rss>')
