export const formatted = () => '@K:util-used@'
export const unformatted = () => '@K:util-unused@'
