export const useCounted = () => '@K:composable-used@'
export const useOther = () => '@K:composable-other@'
