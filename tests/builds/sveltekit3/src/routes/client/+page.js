export const ssr = false
export const load = () => ({ key: '@K:spa-load@' })
