export { profileApi } from './http'
export { avatarUrl, coverUrl } from './images'
export type { UploadOptions } from './upload'
