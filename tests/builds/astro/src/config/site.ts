export const SITE = {
  title: 'Guides',
  verification: '@K:site-config-attribute@',
  deployHook: '@K:site-config-unread@',
  search: {
    index: 'guides',
    searchKey: '@K:site-config-nested-prop@',
    adminKey: '@K:site-config-nested-picked-away@',
  },
} as const

export type Site = typeof SITE
