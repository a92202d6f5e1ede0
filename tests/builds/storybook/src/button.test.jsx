import { expect, test } from 'vitest'
test('x', () => expect('@K:test-file@').toBe(1))
