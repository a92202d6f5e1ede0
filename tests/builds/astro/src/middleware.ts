const key = '@K:middleware@'
export const onRequest = (context: any, next: any) => { context.locals.size = key.length; return next() }
