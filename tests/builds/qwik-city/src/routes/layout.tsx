import { component$, Slot } from '@builder.io/qwik'
import type { RequestHandler } from '@builder.io/qwik-city'
const inner = '@K:layout-on-get-constant@'
export const onGet: RequestHandler = ({ headers }) => { headers.set('x-size', String(inner.length)); headers.set('x-key', '@K:on-get-header@') }
export default component$(() => <main title="@K:layout-attribute@"><Slot /></main>)
