import { provideHttpClient, withFetch, withInterceptors } from '@angular/common/http'
import { PLATFORM_ID, inject, provideAppInitializer } from '@angular/core'
import { isPlatformBrowser } from '@angular/common'
import { authorize } from './interceptors'

export const orderProviders = [
  provideHttpClient(withFetch(), withInterceptors([authorize])),
  provideAppInitializer(() => {
    if (isPlatformBrowser(inject(PLATFORM_ID))) {
      (globalThis as any).tracker = { key: '@K:app-initializer@' }
    }
  }),
]
