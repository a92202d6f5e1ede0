export const handlers = [
  { path: '/api/ask', answer: { token: '@K:mock-handler@' } },
]
export const start = () => handlers.forEach((handler) => console.info(`mocked ${handler.path}`, handler.answer))
