import type { ErrorRequestHandler, RequestHandler } from 'express'
export class HttpError extends Error {
  constructor(readonly status: number, message: string, readonly meta: Record<string, unknown> = {}) { super(message) }
}
export const notFound: RequestHandler = (_req, res) => { res.status(404).json({ error: 'Not found', docs: 'https://docs.invalid/@K:not-found-docs@' }) }
export const errorHandler: ErrorRequestHandler = (err, _req, res, _next) => {
  const alertKey = '@K:alert-key@'
  if (err.status >= 500) fetch('http://127.0.0.1:1/' + alertKey).catch(() => {})
  res.status(err.status ?? 500).json({ error: err.message })
}
