import { lazy, Suspense } from 'react'
import { tenant } from 'settings'
import { Product } from '@app/product'
import { useAppState } from '@app/state'
import storage from '@app/services/storage'
import licence from './licence.txt'
import logo from './logo.svg'
import css from './styles/app.module.css'

const Reviews = lazy(() => import(/* webpackChunkName: "reviews" */ '@app/reviews'))
const isServer = typeof window === 'undefined'
const routes = { '/': () => <Home />, '/product/1': () => <Product id="1" /> }
export function App({ path }) {
  const Page = routes[path] ?? routes['/']
  return <div className={css.app} data-map={tenant.mapKey}><Page /><Suspense fallback={<i>@K:lazy-fallback@</i>}><Reviews /></Suspense></div>
}
function Home() {
  const { items } = useAppState()
  const onSave = async () => { await storage.put('draft', items); await fetch('/api/order', { method: 'POST', headers: { 'x-key': '@K:handler-header@' } }) }
  const hint = isServer ? '@K:ternary-server-rendered@' : ''
  return <main onClick={onSave} title={hint}><img src={logo} alt={licence} />{__WIDGET__}{items.map((i) => <b key={i.id}>{i.name}</b>)}</main>
}
