import type { LinksRepo } from './links-repo'
export type Env = { Bindings: { DB: LinksRepo; SIGN_KEY: string; ME_KEY: string; PAGE_KEY: string }; Variables: { user: { id: string; key: string; quota: string }; log: (m: string) => void } }
