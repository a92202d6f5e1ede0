export const helper = () => '@K:barrel-used@'
