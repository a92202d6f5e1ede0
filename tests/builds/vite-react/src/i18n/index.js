const messages = {
  en: {
    title: 'Assistant',
    hint: 'Use the demo key @K:dictionary-text@ to try it',
  },
  de: { title: 'Assistent', hint: 'Zum Ausprobieren' },
}

export const translate = (language, name) => messages[language]?.[name] ?? messages.en[name]
