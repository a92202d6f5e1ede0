export const run = (k: string) => console.log(k, '@K:lazy-module@')
export const other = () => '@K:lazy-unused@'
