export interface UploadOptions { chunk: number }
export const uploadKey = '@K:type-export-only@'
