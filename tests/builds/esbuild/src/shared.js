export const shared = '@K:shared-chunk@'
