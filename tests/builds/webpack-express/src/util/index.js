export * from './format'
export { default as legacy } from './legacy'
