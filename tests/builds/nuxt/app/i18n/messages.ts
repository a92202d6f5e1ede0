export default {
  en: { title: 'Shop', hint: 'Demo key: @K:dictionary-rendered@' },
  fr: { title: 'Boutique', hint: 'Cle: @K:dictionary-other-language@' },
} as Record<string, { title: string; hint: string }>
