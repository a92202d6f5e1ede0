import { useRef } from 'react'
import { assertConfigured, fallback, gateway } from './gateway.js'

const propTypesKey = import.meta.env.PROD
  ? 'pk_live'
  : '@K:ternary-production-else@'

export default function Invoices() {
  const key = useRef(fallback)
  assertConfigured()
  const pay = (amount) => (amount > 0 ? gateway.charge(amount) : gateway.refund(-amount))
  return <button data-key={propTypesKey} onClick={() => pay(key.current.length)}>Pay</button>
}
