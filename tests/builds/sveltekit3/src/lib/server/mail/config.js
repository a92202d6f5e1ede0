import * as env from '$app/env/private'

const providers = {
  sandbox: {
    host: 'sandbox.example.invalid',
    apiKey: '@K:server-providers-sandbox@',
  },
  live: {
    host: 'mail.example.invalid',
    apiKey: env.MAIL_API_KEY,
  },
}

export const provider = providers[process.env.MAIL_PROVIDER ?? 'live']
export const settings = {
  pageSize: 20,
  signature: 'Kind regards',
  imapPassword: '@K:settings-field-left@',
  uploadToken: '@K:settings-field-returned@',
}
