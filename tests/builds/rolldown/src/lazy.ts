export const used = '@K:dynamic-used@'
export const unused = '@K:dynamic-unused@'
