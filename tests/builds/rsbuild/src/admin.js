import { marked } from './marked.js'
document.title = marked + '@K:second-entry@'
