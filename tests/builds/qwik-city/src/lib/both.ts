export const both = () => '@K:lib-used@'
export const other = () => '@K:lib-unused@'
