const stages = {
  test: { portal: 'https://test.example.invalid', key: '@K:stage-map-test@' },
  live: { portal: 'https://portal.example.invalid', key: '@K:stage-map-live@' },
}

export const stage = stages[process.env.NEXT_PUBLIC_STAGE ?? 'live']
export const accountKey = process.env.NEXT_PUBLIC_ACCOUNT_KEY
