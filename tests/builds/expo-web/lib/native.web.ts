export const native = () => '@K:web-file@'
