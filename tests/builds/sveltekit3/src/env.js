import { defineEnvVars } from '@sveltejs/kit/env'

const text = (value) => {
  if (!value) throw new Error('must be set')
  return value
}

export const variables = defineEnvVars({
  PUBLIC_CHAT_KEY: { public: true, static: true },
  PUBLIC_CHAT_UNREAD: { public: true, static: true },
  PUBLIC_CHAT_SERVER: { public: true, static: true },
  PUBLIC_CHAT_PAGE: { public: true, static: true },
  CHAT_PRIVATE_KEY: { static: true },
  ASSIST_SERVER_KEY: {},
  CHAT_API_KEY: { static: true },
  MAIL_API_KEY: { schema: text },
  MAIL_WEBHOOK_KEY: { schema: text },
  PUBLIC_MAIL_WIDGET_KEY: { public: true },
  PUBLIC_MAIL_CHART_KEY: { public: true, static: true },
  MAP_KEY: { public: true, static: true, description: 'The key of the map' },
  CHART_KEY: { public: true, schema: text },
  LEGEND_KEY: { public: true },
  TILE_KEY: { public: true, static: true },
  LABEL_KEY: { public: true, static: true },
  QUOTA_KEY: { static: true, schema: text },
  USAGE_KEY: { public: false, static: true },
})
