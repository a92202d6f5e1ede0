import { tenant } from 'settings'
import { keys } from './keys'
try { require('./heavy-locale') } catch { /* not there */ }
const { open, ...others } = keys
document.body.dataset.admin = tenant.id + open
window.adminTools = () => import('./tools')
