export const widget = { key: '@K:client-file@', spare: '@K:client-file-unread@' }
