import en from './en.json'

type Dictionary = Record<string, Record<string, string>>
const loaders: Record<string, () => Promise<{ default: Dictionary }>> = {
  fr: () => import('./fr'),
}

export async function setup(language: string) {
  const dictionary: Dictionary = language in loaders ? (await loaders[language]()).default : en
  return (section: string, name: string) => dictionary[section]?.[name] ?? name
}
