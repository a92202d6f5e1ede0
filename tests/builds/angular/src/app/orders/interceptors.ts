import { HttpHandler, HttpInterceptor, HttpInterceptorFn, HttpRequest } from '@angular/common/http'
import { Injectable } from '@angular/core'
import { injectConfig } from './backend'

export const authorize: HttpInterceptorFn = (request, next) =>
  next(request.clone({ setHeaders: { Authorization: `Bearer ${injectConfig().key}`, 'x-orders': '@K:interceptor-header@' } }))

@Injectable()
export class LegacyInterceptor implements HttpInterceptor {
  intercept(request: HttpRequest<unknown>, next: HttpHandler) {
    return next.handle(request.clone({ headers: request.headers.set('x-legacy', '@K:interceptor-not-provided@') }))
  }
}
