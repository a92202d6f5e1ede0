import { createContext, useContext, useMemo, useState, type ReactNode } from 'react'

export enum Plan {
  Free = 'free',
  Partner = '@K:enum-member-read@',
}

interface Settings { plan: Plan; token: string; setToken: (token: string) => void }

const SettingsContext = createContext<Settings | undefined>(undefined)

export function SettingsProvider({ children }: { children: ReactNode }) {
  const [token, setToken] = useState<string>(() => globalThis.localStorage?.getItem('token') ?? '@K:lazy-state-fallback@')
  const value = useMemo(() => ({ plan: Plan.Partner, token, setToken }), [token])
  return <SettingsContext value={value}>{children}</SettingsContext>
}

export function useSettings() {
  const settings = useContext(SettingsContext)
  if (!settings) throw new Error('useSettings needs a SettingsProvider')
  return settings
}

export function withSettings<P extends object>(Component: (props: P & { settings: Settings }) => ReactNode) {
  return (props: P) => <Component {...props} settings={useSettings()} />
}
