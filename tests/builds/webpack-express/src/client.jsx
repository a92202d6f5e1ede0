import { hydrateRoot } from 'react-dom/client'
import { App } from '@app/app'
import { StateContext } from '@app/state'
import './styles/site.css'

const state = window.__STATE__
hydrateRoot(document.getElementById('root'), <StateContext.Provider value={state}><App path={location.pathname} /></StateContext.Provider>)
if (module.hot) module.hot.accept('./app', () => console.log('@K:module-hot@'))
console.log('booted @K:dropped-console@')
document.title = process.env.PUBLIC_FLAG
