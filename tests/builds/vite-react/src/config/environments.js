const environments = {
  development: {
    apiUrl: 'http://localhost:3000',
    apiKey: '@K:environments-development@',
  },
  staging: {
    apiUrl: 'https://staging.example.invalid',
    apiKey: '@K:environments-staging@',
  },
  production: {
    apiUrl: 'https://api.example.invalid',
    apiKey: '@K:environments-production@',
  },
}

export const settings = environments[import.meta.env.MODE] ?? environments.development
