import { db } from '~/server/db'
await db.invoice.insert({ id: 'seed', key: '@K:seed-script@' })
