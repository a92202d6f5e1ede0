import { createI18n } from 'vue-i18n'
import en from './en.json'
const lazy = import.meta.glob('./lazy/*.json')
export const i18n = createI18n({ legacy: false, locale: 'en', messages: { en } })
export const loadLocale = async (l: string) => i18n.global.setLocaleMessage(l, ((await lazy[`./lazy/${l}.json`]()) as any).default)
