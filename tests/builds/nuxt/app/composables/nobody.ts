export const useNobody = () => '@K:composable-unused@'
