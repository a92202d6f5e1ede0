export { Payments } from './payments.js'
export { Refunds } from './refunds.js'
export * as regions from './regions.js'
