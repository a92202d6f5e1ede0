export async function loader() {
  const stream = new ReadableStream({ async start(c) { const e = new TextEncoder(); for (const part of ['a', '@K:stream-part@']) c.enqueue(e.encode(part)); c.close() } })
  return new Response(stream, { headers: { 'content-type': 'text/plain' } })
}
