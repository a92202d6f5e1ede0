import { Outlet, useMatches } from 'react-router'
export const loader = async () => ({ menu: [{ to: '/', key: '@K:layout-loader@' }] })
export default function Shell() { const m = useMatches(); return <section data-n={m.length}><Outlet context={{ key: '@K:outlet-context@' }} /></section> }
