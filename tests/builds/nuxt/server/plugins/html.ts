export default defineNitroPlugin((nitro) => { nitro.hooks.hook('render:html', (html) => { html.head.push('<meta name="r" content="@K:render-html@">') }) })
