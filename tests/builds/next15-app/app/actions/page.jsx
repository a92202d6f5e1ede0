import { run } from './run'
import { Form } from './form'
export default function Page() {
  const closed = '@K:action-closure@'
  async function own() {
    'use server'
    return closed.length
  }
  const bound = run.bind(null, process.env.CHAT_BOUND_KEY)
  return <><Form action={bound} own={own} /><form action={run.bind(null, '@K:action-bound-literal@')}><button /></form></>
}
