export const helper = () => '@K:main-helper@'
export const other = () => '@K:main-helper-unused@'
