import type { Directive } from 'vue'
export const permission: Directive<HTMLElement, string> = (el, { value }) => { el.hidden = !value.startsWith('k') }
