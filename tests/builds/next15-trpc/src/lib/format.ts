import { SERVER_SALT } from './constants'
export const money = (value: number, currency = 'EUR') => new Intl.NumberFormat('en', { style: 'currency', currency }).format(value)
export const reference = (id: string) => `${SERVER_SALT}-${id}`.length.toString(36)
export const initials = (name: string) => name.split(' ').map((part) => part[0]).join('') || '@K:format-fallback@'
