const hints = new Map([[404, '@K:error-hint@']])
export function errors(error, req, res, next) {
  if (res.headersSent) return next(error)
  if (!error.status) console.error(error)
  res.status(error.status || 500).json({ message: error.message, hint: hints.get(error.status) })
}
