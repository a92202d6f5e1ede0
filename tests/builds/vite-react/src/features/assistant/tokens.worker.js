const TOKENIZER_KEY = '@K:worker-url-constant@'

self.addEventListener('message', async ({ data }) => {
  const answer = await fetch('/api/tokens', { method: 'POST', headers: { 'x-api-key': TOKENIZER_KEY }, body: data })
  self.postMessage(await answer.json())
})
