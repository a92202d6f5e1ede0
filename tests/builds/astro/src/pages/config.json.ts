import { SITE } from '../config/site'

const internal = {
  version: 2,
  publishToken: '@K:static-endpoint-left@',
  embedToken: '@K:static-endpoint-answered@',
}

export function GET() {
  const { publishToken, ...open } = internal
  return Response.json({ title: SITE.title, signed: publishToken.length, ...open })
}
