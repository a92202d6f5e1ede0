const own = '@K:server-module@'
export const ask = async (key: string) => own.length + key.length
