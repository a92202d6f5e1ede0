const tokens: Record<string, string> = {
  guest: '@K:record-indexed@',
}

export const greet = (token = tokens['guest']) => navigator.sendBeacon('/greet', token)
export const greetAdmin = () => greet('@K:script-export-unused@')
