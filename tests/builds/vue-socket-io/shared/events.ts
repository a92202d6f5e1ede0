export const EVENTS = { welcome: 'welcome', secret: '@K:shared-events-server-unread@' }
