export const post = (body) => fetch('/api', { method: 'POST', body })
export const unusedCall = () => post('@K:namespace-unused@')
