export const native = () => '@K:native-file@'
