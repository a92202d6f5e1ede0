import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'

const routes: RouteRecordRaw[] = [
  { path: '/', component: () => import('./pages/Boards.vue') },
  { path: '/board/:id', component: () => import('./pages/Board.vue'), props: (route) => ({ id: route.params.id, token: '@K:route-props@' }), meta: { key: '@K:route-meta@' } },
  { path: '/login', component: () => import('./pages/Login.vue') },
]
if (import.meta.env.DEV) routes.push({ path: '/dev', component: () => import('./pages/DevTools.vue') })
export const router = createRouter({ history: createWebHistory(), routes })
router.beforeEach((to) => {
  if (to.meta.key && !localStorage.getItem('token')) return { path: '/login', query: { via: '@K:guard-query@' } }
})
