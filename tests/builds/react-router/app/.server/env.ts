const names = ['REPORTS_API_KEY', 'REPORTS_SHARE_KEY', 'REPORTS_SESSION_KEY'] as const
type Name = (typeof names)[number]

function read(name: Name): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set`)
  return value
}

export const env = {
  apiKey: read('REPORTS_API_KEY'),
  shareKey: process.env.REPORTS_SHARE_KEY ?? '',
  sessionKey: process.env.REPORTS_SESSION_KEY ?? '',
}
