import { inject, InjectionToken, makeStateKey } from '@angular/core'

export interface Latest { title: string; stock: number; traceToken: string }
export const ORDERS_BACKEND = new InjectionToken<{ latest(): Promise<Latest> }>('orders backend')
export const LATEST = makeStateKey<Latest>('latest order')

export interface OrdersConfig { url: string; key: string }

export const ORDERS_CONFIG = new InjectionToken<OrdersConfig>('orders config', {
  providedIn: 'root',
  factory: () => ({ url: '/api/orders', key: '@K:injection-token-factory@' }),
})

export const LEGACY_CONFIG = new InjectionToken<OrdersConfig>('legacy config', {
  providedIn: 'root',
  factory: () => ({ url: '/legacy', key: '@K:injection-token-unused@' }),
})

export const injectConfig = () => inject(ORDERS_CONFIG)
