export const eu = { key: '@K:namespace-export-read@' }
export const us = { key: '@K:namespace-export-unread@' }
