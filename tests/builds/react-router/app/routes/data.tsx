import { data } from 'react-router'
const rows = [{ id: 1, key: '@K:loader-mapped@', hidden: '@K:loader-mapped-left@' }]
export async function loader() {
  const { secret, ...rest } = { secret: '@K:loader-rest-left@', other: '@K:loader-rest@' }
  const later = new Promise((done) => setTimeout(() => done('@K:loader-promise@'), 20))
  return data({ rows: rows.map(({ id, key }) => ({ id, key })), rest, size: secret.length, later }, { headers: { 'x-key': '@K:loader-header@' } })
}
export async function action() {
  const inner = '@K:action-inner@'
  return { key: '@K:action-returned@', size: inner.length }
}
export function headers({ loaderHeaders }: any) { return loaderHeaders }
export default function Data({ loaderData }: any) { return <p>{loaderData.rows[0].id}</p> }
