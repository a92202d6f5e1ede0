const inner = '@K:server-lib@'
export const ask = async (key: string) => inner.length + key.length
