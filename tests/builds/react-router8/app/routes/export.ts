const cell = (v: unknown) => `"${String(v)}"`
export const loader = () => new Response([['id', 'k'], ['1', '@K:csv-cell@']].map((r) => r.map(cell).join(';')).join('\n'), { headers: { 'content-type': 'text/csv' } })
