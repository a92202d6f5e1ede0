import type { APIRoute } from 'astro'
import { forecast, tileUrl } from '../lib/weather/client'

export const prerender = false

export const GET: APIRoute = async ({ cookies }) => {
  const { city, degrees } = await forecast('Berlin')
  cookies.set('city', '@K:cookie-set@')
  return new Response(JSON.stringify({ city, degrees, tile: tileUrl(3) }), {
    headers: { 'content-type': 'application/json', 'x-station': '@K:response-init-header@' },
  })
}
