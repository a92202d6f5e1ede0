export const injected = '@K:cli-injected@'
