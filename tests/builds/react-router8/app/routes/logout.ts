import { destroy } from '~/lib/session.server'
export const loader = () => destroy()
