const loaders = import.meta.glob<{ default: Record<string, string> }>('./*.json')

export async function translate(language: string, name: string) {
  const load = loaders[`./${language}.json`] ?? loaders['./en.json']
  return (await load()).default[name] ?? name
}
