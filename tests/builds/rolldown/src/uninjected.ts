export const uninjected = '@K:injected-unread@'
