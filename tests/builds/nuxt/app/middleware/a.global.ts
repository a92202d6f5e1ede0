export default defineNuxtRouteMiddleware(() => { if (globalThis.never) return navigateTo('/?k=@K:route-middleware@') })
