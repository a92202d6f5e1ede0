const required = (name: string) => {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set`)
  return value
}
export const config = {
  version: '1',
  session: required('SESSION_SECRET'),
  socketWelcome: required('SOCKET_WELCOME'),
  socketCheck: required('SOCKET_CHECK'),
  exportKey: required('EXPORT_KEY'),
  mail: required('MAIL_KEY'),
  me: required('ME_TOKEN'),
}
export type Config = typeof config
