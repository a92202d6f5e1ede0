const own = '@K:server-module@'
export const ask = async () => own.length
