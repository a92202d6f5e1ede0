import { shared } from './shared'
document.title = shared + '@K:other-entry@'
