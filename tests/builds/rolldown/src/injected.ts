export const injected = '@K:injected@'
