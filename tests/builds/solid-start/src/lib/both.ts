const part = '@K:both-unused-const@'
export const both = () => '@K:both-used@'
export const other = () => part
