import type { RequestHandler } from '@builder.io/qwik-city'
const inner = '@K:api-constant@'
export const onGet: RequestHandler = ({ json }) => { json(200, { key: '@K:api-literal@', size: inner.length }) }
