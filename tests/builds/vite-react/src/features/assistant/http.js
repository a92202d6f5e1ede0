import axios from 'axios'
import { settings } from '../../config/environments.js'

export const http = axios.create({
  baseURL: settings.apiUrl,
  timeout: 10_000,
  headers: {
    common: { Authorization: 'Bearer @K:axios-common-header@' },
  },
})

http.interceptors.request.use((config) => {
  config.headers['x-assistant'] = settings.apiKey
  return config
})
