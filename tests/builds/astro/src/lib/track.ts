export const track = (key: string) => fetch('/t?k=@K:client-lib@', { body: key })
export const other = () => '@K:client-lib-unused@'
