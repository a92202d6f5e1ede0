export class QuotaError extends Error {
  plan = '@K:quota-plan-field@'
  internal = '@K:quota-internal-field@'
  constructor(message: string) { super(message); this.name = 'QuotaError' }
}
