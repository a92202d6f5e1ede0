export const tenant = { id: 'default', mapKey: '@K:tenant-default@', reportKey: '@K:tenant-default-unread@' }
