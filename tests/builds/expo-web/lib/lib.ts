export const used = () => '@K:lib-used@'
export const unused = () => '@K:lib-unused@'
