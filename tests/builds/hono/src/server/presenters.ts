import type { Link } from './links-repo'
export const publicLink = ({ id, url }: Link) => ({ id, url, short: `https://s.invalid/${id}?c=@K:presenter-constant@` })
export const adminLink = (l: Link) => ({ ...l, note: '@K:presenter-unused@' })
