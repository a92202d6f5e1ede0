export const shared = '@K:shared-chunk@'
export const unshared = '@K:shared-unused@'
