import { bootstrapApplication, type BootstrapContext } from '@angular/platform-browser'
import { mergeApplicationConfig, InjectionToken } from '@angular/core'
import { provideServerRendering, withRoutes, RenderMode } from '@angular/ssr'
import { App } from './app/app'
import { config } from './app/config'
const inner = '@K:main-server-constant@'
const server = mergeApplicationConfig(config, { providers: [provideServerRendering(withRoutes([{ path: 'dynamic', renderMode: RenderMode.Server }, { path: '**', renderMode: RenderMode.Prerender }])), { provide: 'size', useValue: inner.length }] })
export default (context: BootstrapContext) => bootstrapApplication(App, server, context)
