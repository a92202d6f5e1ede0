import { HeadContent, Outlet, Scripts, createRootRoute } from '@tanstack/react-router'
export const Route = createRootRoute({
  head: () => ({ meta: [{ title: 'x' }, { name: 'k', content: '@K:head-meta@' }], scripts: [{ children: 'window.k = "@K:head-script@"' }] }),
  component: () => (
    <html>
      <head><HeadContent /></head>
      <body data-key="@K:root-attribute@"><Outlet /><Scripts /></body>
    </html>
  ),
  notFoundComponent: () => <p>@K:not-found@</p>,
})
