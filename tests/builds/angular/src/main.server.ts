import { bootstrapApplication, type BootstrapContext } from '@angular/platform-browser'
import { mergeApplicationConfig, InjectionToken } from '@angular/core'
import { provideServerRendering, withRoutes, RenderMode } from '@angular/ssr'
import { App } from './app/app'
import { config } from './app/config'
import { ORDERS_BACKEND } from './app/orders/backend'
import { ordersBackend } from './server/orders-backend'
const inner = '@K:main-server-constant@'
const server = mergeApplicationConfig(config, { providers: [provideServerRendering(withRoutes([{ path: 'dynamic', renderMode: RenderMode.Server }, { path: 'orders', renderMode: RenderMode.Server }, { path: 'orders/:id', renderMode: RenderMode.Client }, { path: '**', renderMode: RenderMode.Prerender }])), { provide: 'size', useValue: inner.length }, { provide: ORDERS_BACKEND, useValue: ordersBackend }] })
export default (context: BootstrapContext) => bootstrapApplication(App, server, context)
