export const helper = () => '@K:shared-used@'
export const serverHelper = () => '@K:shared-unused@'
