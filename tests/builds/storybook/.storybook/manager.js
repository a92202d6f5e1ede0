import { addons } from 'storybook/manager-api'
addons.setConfig({ sidebar: { label: '@K:manager@' } })
if (process.env.NODE_ENV === 'development') console.log('@K:manager-dev@')
