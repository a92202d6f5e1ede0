import { keyFor } from '../src/lib/ui/config.js'

export const cases = [{ stage: 'test', key: '@K:test-table@' }].map(({ stage }) => keyFor?.(stage))
