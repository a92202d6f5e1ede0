import { publicEnv } from '../app/features/reports/config'

export const fixture = { ...publicEnv, reportsKey: '@K:test-fixture@' }
