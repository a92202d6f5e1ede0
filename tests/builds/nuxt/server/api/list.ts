export default defineEventHandler(() => ({ open: 'a', key: '@K:fetched-unread@' }))
