export { helper } from './helper.js'
export { other } from './other.js'
export * from './star.js'
