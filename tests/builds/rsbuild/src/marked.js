export const marked = 'MARK'
