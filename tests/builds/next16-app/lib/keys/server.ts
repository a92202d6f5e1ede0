export const MAP_ADMIN_KEY = '@K:barrel-sibling-unread@'
