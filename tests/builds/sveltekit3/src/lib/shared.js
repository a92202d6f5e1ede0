export const helper = () => '@K:lib-used@'
export const other = () => '@K:lib-unused@'
