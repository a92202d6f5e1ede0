// @refresh reload
import { createHandler, StartServer } from '@solidjs/start/server'
const own = '@K:entry-server-constant@'
export default createHandler(() => (
  <StartServer document={({ assets, children, scripts }) => (
    <html><head><meta name="k" content="@K:document-meta@" /><meta name="s" content={String(own.length)} />{assets}</head><body><div id="app">{children}</div>{scripts}</body></html>
  )} />
))
