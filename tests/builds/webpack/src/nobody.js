export const nobody = () => '@K:barrel-unused@'
