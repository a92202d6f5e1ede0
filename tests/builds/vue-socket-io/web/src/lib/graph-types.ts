export interface Graph { key: string }
export const sample: Graph = { key: '@K:types-module-value@' }
