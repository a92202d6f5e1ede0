import { renderToString } from 'react-dom/server'
import serialize from 'serialize-javascript'
import { App } from '@app/app'
import { StateContext } from '@app/state'
import { loadItems, loadSession } from './data'

const shell = (html, state, extra) => `<!doctype html><html><head>${extra.head}</head><body><div id="root">${html}</div><script nonce="${extra.nonce}">window.__STATE__ = ${serialize(state)}</script></body></html>`
export async function render(req, res, next) {
  try {
    const [items, session] = await Promise.all([loadItems(), loadSession(req)])
    const state = { items, user: session.user }
    const html = renderToString(<StateContext.Provider value={state}><App path={req.path} /></StateContext.Provider>)
    res.status(200).send(shell(html, state, { nonce: res.locals.nonce, head: `<meta name="build" content="${__BOTH__}">` }))
  } catch (error) { next(error) }
}
