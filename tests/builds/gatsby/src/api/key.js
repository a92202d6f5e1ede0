const inner = '@K:function-constant@'
export default function handler(request, response) { response.json({ key: '@K:function-literal@', env: String(process.env.ASSIST_SERVER_KEY).length, size: inner.length }) }
