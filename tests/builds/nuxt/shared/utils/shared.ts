export const sharedUtil = () => '@K:shared-unused@'
