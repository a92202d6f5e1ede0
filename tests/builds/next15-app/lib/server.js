import 'server-only'
const fallback = '@K:server-only-module@'
export const ask = async (key) => {
  const headers = { Authorization: `Bearer ${process.env.ASSIST_SERVER_KEY || key || fallback}` }
  return Object.keys(headers).length
}
