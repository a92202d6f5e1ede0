const internal = '@K:route-internal@'
export const dynamic = 'force-dynamic'
export async function GET() {
  return Response.json({ size: internal.length, key: process.env.CHAT_ROUTE_KEY }, { headers: { 'x-key': process.env.CHAT_HEADER_KEY } })
}
export async function POST() { return new Response('@K:route-literal@') }
