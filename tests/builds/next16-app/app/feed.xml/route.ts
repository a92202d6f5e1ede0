const inner = '@K:feed-constant@'
export async function GET() { return new Response(`<feed size='${inner.length}'>@K:feed@</feed>`) }
