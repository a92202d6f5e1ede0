const key = '@K:barrel-used@'
export const used = () => key
