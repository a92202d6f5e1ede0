export default '@K:markdown-import@'
export const other = '@K:markdown-import-unused@'
