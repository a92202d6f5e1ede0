import { ApplicationConfig, InjectionToken, isDevMode } from '@angular/core'
import { provideClientHydration } from '@angular/platform-browser'
import { provideRouter } from '@angular/router'
import { Home } from './home'
import { orderProviders } from './orders/providers'
import { orderRoutes } from './orders/routes'
export const TOKEN = new InjectionToken<string>('token')
export const config: ApplicationConfig = {
  providers: [
    provideRouter([
      { path: '', component: Home, title: '@K:route-title@', data: { key: '@K:route-data@' } },
      ...orderRoutes,
      { path: 'dynamic', loadComponent: () => import('./dynamic').then((all) => all.Dynamic) },
    ]),
    provideClientHydration(),
    ...orderProviders,
    { provide: TOKEN, useValue: '@K:provided-value@' },
  ],
}
if (isDevMode()) console.log('@K:is-dev-mode@')
