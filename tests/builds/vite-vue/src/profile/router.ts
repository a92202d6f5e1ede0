import { createRouter, createWebHashHistory } from 'vue-router'
import config from './env'
import { useProfile } from './store'

const routes = [
  { path: '/', component: { render: () => null } },
  {
    path: '/profile/:user',
    component: () => import('./pages/profile.vue'),
    props: { theme: '@K:route-props@' },
    meta: { scope: '@K:route-meta@' },
  },
]

if (import.meta.env.DEV) {
  routes.push({
    path: '/debug',
    component: { render: () => null },
    meta: { scope: '@K:route-dev-pushed@' },
  } as any)
}

export const router = createRouter({ history: createWebHashHistory(), routes })

router.beforeEach((to) => {
  const profile = useProfile()
  if (to.meta.scope && !profile.signedIn) return `/?error=@K:navigation-guard@`
  if (config.isStaging) to.query.token ??= config.betaKey ?? config.otherKey ?? null
})
