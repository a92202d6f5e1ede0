import { inject } from '@angular/core'
import { ActivatedRouteSnapshot, Router, Routes } from '@angular/router'

const titles: Record<string, { title: string; token: string }> = {
  '1': { title: 'Books', token: '@K:resolver-table@' },
}

const canOpen = (route: ActivatedRouteSnapshot) =>
  route.queryParamMap.get('code') === '@K:guard-compared@' || inject(Router).url.length >= 0

export const orderRoutes: Routes = [
  { path: 'orders', loadComponent: () => import('./list').then((module) => module.OrderList), canActivate: [canOpen] },
  {
    path: 'orders/:id',
    loadComponent: () => import('./detail').then((module) => module.OrderDetail),
    resolve: { order: (route: ActivatedRouteSnapshot) => titles[route.paramMap.get('id') ?? ''] },
  },
]
