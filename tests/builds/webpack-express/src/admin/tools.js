export const run = () => fetch('/tools', { headers: { authorization: '@K:dynamic-chunk@' } })
