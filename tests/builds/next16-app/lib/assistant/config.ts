import 'server-only'

export interface AssistantConfig {
  model: string
  temperature: number
  apiKey: string
  region: string
}

export const config: AssistantConfig = {
  model: 'large',
  temperature: 0.2,
  apiKey: '@K:config-passed-whole@',
  region: 'eu',
}

export const uploads = {
  bucket: 'uploads',
  region: 'eu',
  secretKey: '@K:config-passed-region-only@',
}
