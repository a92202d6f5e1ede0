const threads = {
  one: {
    subject: 'One',
    shareKey: '@K:universal-load-field@',
  },
}

export async function load({ params, parent }) {
  await parent()
  const { subject } = threads[params.thread] ?? { subject: 'none' }
  return { subject }
}
