export const devOnly = (key) => console.log(key, '@K:dev-module@')
