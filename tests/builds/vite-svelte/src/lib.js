export const nobody = '@K:unused-export-in-map@'
console.log('a')
if (import.meta.env.DEV) console.log('@K:dev-in-map@')
