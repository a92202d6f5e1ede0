test('x', () => expect('@K:test-file@').toBe(1))
