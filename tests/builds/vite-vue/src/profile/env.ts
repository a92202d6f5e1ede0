interface Variables { APP_PROFILE_UPLOAD: string }

function parse<T extends object>(source: Record<string, unknown>, names: (keyof T & string)[]): T {
  const missing = names.filter((name) => typeof source[name] !== 'string')
  if (missing.length > 0) throw new Error(`Missing variables: ${missing.join(', ')}`)
  return Object.fromEntries(names.map((name) => [name, source[name]])) as T
}

export const variables = parse<Variables>(import.meta.env, ['APP_PROFILE_UPLOAD'])

export default {
  profileKey: import.meta.env.APP_PROFILE_KEY ?? '',
  betaKey: import.meta.env.APP_PROFILE_BETA as string | undefined,
  otherKey: import.meta.env.APP_PROFILE_OTHER as string | undefined,
  isStaging: import.meta.env.MODE === 'staging',
}
