import { Hint } from './hint'
export const token = '@K:test-file@'
test('x', () => { expect(Hint).toBeDefined() })
