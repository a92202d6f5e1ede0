import { lazy } from 'react'
import { createRoot } from 'react-dom/client'
import { Panel } from './assistant/panel.jsx'

const Invoices = lazy(() => import('./billing/invoices.jsx'))

async function enableMocking() {
  if (!import.meta.env.DEV) return
  const { start } = await import('../mocks/handlers.js')
  start()
}

await enableMocking()
if ('serviceWorker' in navigator) navigator.serviceWorker.register('/sw.js')
createRoot(document.getElementById('assistant')).render([<Panel key="panel" />, <Invoices key="invoices" />])
