import { run } from '../lib/actions'
import { Form } from '../components/form'
export default async function About() {
  const bound = run.bind(null, '@K:action-bound@')
  const closure = '@K:action-closure@'
  async function own() { 'use server'; return closure.length }
  return <><p>@K:static-text@</p><Form action={bound} own={own} /></>
}
export const getConfig = async () => ({ render: 'static' }) as const
