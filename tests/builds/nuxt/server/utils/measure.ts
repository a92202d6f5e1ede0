const own = '@K:server-util@'
export const measure = () => own.length
