export { used } from './used.js'
export { nobody } from './nobody.js'
