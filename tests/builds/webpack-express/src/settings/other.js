export const tenant = { id: 'other', mapKey: '@K:tenant-other@' }
