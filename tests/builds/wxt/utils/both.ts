export const both = () => '@K:util-imported@'
export const other = () => '@K:util-other@'
