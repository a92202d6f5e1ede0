import { index, route } from '@react-router/dev/routes'
export default [
  index('routes/home.tsx'),
  route('data', 'routes/data.tsx'),
  route('post/:slug', 'routes/post.tsx'),
  route('api', 'routes/api.ts'),
  route('about', 'routes/about.tsx'),
]
