import { PUBLIC_MAIL_CHART_KEY } from '$app/env/public'

export const charts = {
  locale: 'en',
  licenseKey: PUBLIC_MAIL_CHART_KEY,
}

export const ICONS = {
  send: '/icons/send.svg?token=@K:icon-table-read@',
  drop: '/icons/drop.svg?token=@K:icon-table-unread@',
}

const keyFor = (stage) => {
  switch (stage) {
    case 'production':
      return '@K:switch-production@'
    default:
      return '@K:switch-default@'
  }
}

export const stageKey = keyFor(import.meta.env.MODE)
