import { Payments } from '../sdk/index.js'

export const payments = new Payments({ fallback: '@K:test-argument@' })
