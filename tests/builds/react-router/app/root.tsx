import { Links, Meta, Outlet, Scripts } from 'react-router'
import './app.css'
export function links() { return [{ rel: 'preconnect', href: 'https://example.invalid/@K:links@' }] }
export function loader() { return { env: { open: 'a', key: '@K:root-loader@' } } }
export function headers() { return { 'x-key': '@K:root-headers@' } }
export function Layout({ children }: any) {
  return (
    <html>
      <head><Meta /><Links /></head>
      <body data-key="@K:layout-attribute@">{children}<Scripts /></body>
    </html>
  )
}
export function ErrorBoundary() { return <p>@K:error-boundary@</p> }
export default function App() { return <Outlet /> }
