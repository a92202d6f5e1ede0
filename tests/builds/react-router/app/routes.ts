import { index, layout, prefix, route } from '@react-router/dev/routes'
export default [
  index('routes/home.tsx'),
  route('data', 'routes/data.tsx'),
  route('post/:slug', 'routes/post.tsx'),
  route('api', 'routes/api.ts'),
  route('about', 'routes/about.tsx'),
  layout('features/reports/layout.tsx', [
    ...prefix('reports', [
      index('features/reports/list.tsx'),
      route(':id', 'features/reports/detail.tsx'),
    ]),
  ]),
  route('reports-export', 'features/reports/export.ts'),
  route('login', 'features/reports/login.tsx'),
]
