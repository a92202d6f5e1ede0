import { index, layout, prefix, route, type RouteConfig } from '@react-router/dev/routes'
const api = prefix('api', [route('search', 'routes/api/search.ts')])
export default [
  index('routes/home.tsx'),
  layout('routes/shell.tsx', [
    ...prefix('invoices', [index('routes/invoices/list.tsx'), route(':id', 'routes/invoices/detail.tsx')]),
    route('settings', './routes/settings.tsx'),
  ]),
  ...api,
  route('export.csv', 'routes/export.ts'),
  route('login', 'routes/login.tsx'),
  route('logout', 'routes/logout.ts'),
  route('stream', 'routes/stream.tsx'),
  route('health', 'routes/health.ts'),
  route('reports/:year', 'routes/report.tsx'),
  route('client-only', 'routes/client-only.tsx'),
] satisfies RouteConfig
