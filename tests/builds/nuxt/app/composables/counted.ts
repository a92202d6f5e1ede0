export const useCounted = () => '@K:composable-used@'.length
export const useOther = () => '@K:composable-other@'
