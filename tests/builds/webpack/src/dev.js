export const onlyDev = '@K:dev-import@'
