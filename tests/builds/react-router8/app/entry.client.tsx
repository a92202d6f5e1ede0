import { startTransition, StrictMode } from 'react'
import { hydrateRoot } from 'react-dom/client'
import { HydratedRouter } from 'react-router/dom'
startTransition(() => { hydrateRoot(document, <StrictMode><HydratedRouter onError={(error) => { navigator.sendBeacon('/log?k=@K:entry-client-error@', String(error)) }} /></StrictMode>) })
