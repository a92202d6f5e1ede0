const sign = (path: string, key: string) => `${path}?signature=${btoa(key)}`

export const avatarUrl = (user: string) => sign(`/avatars/${user}.png`, '@K:barrel-function-used@')
export const coverUrl = (user: string) => sign(`/covers/${user}.png`, '@K:barrel-function-unused@')
