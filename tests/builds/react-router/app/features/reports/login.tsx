import { data, Form } from 'react-router'
import { storage } from '../../.server/session'

const demo = { email: 'demo@example.invalid', password: '@K:form-default-value@' }
const ADMIN_PASSWORD = '@K:action-compared@'

export async function action({ request }: { request: Request }) {
  const form = await request.formData()
  const session = await storage.getSession()
  if (form.get('password') === ADMIN_PASSWORD) session.set('user', 'admin')
  else session.flash('error', 'x')
  return data(
    { errors: { password: 'Wrong, the hint is @K:action-errors@' } },
    { headers: { 'set-cookie': await storage.commitSession(session) } },
  )
}

export default function Login({ actionData }: any) {
  return (
    <Form method="post">
      <input name="email" defaultValue={demo.email} />
      <input name="password" type="password" defaultValue={demo.password} />
      {actionData?.errors.password}
    </Form>
  )
}
