type Stage = 'development' | 'production'

function required(name: string, value: string | undefined) {
  if (!value) throw new Error(`${name} is missing`)
  return value
}

export const publicEnv = {
  reportsKey: required('VITE_REPORTS_KEY', import.meta.env.VITE_REPORTS_KEY),
}

const hosts = {
  development: { url: 'http://localhost:4000', key: '@K:stage-table-development@' },
  production: { url: 'https://reports.example.invalid', key: '@K:stage-table-production@' },
} satisfies Record<Stage, { url: string; key: string }>

export const host = hosts[import.meta.env.PROD ? 'production' : 'development']

export const columns = [
  { name: 'title', label: 'Title' },
  { name: 'preview', label: 'Preview', token: '@K:array-of-objects@' },
]
