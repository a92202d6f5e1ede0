import { signIn } from '~/lib/session.server'
export const action = async ({ request }: { request: Request }) => { const form = await request.formData(); if (form.get('user') === '@K:login-compared@') return null; return signIn('@K:session-cookie-value@') }
export default function Login() { return <form method="post"><input name="user" placeholder="@K:placeholder@" /></form> }
