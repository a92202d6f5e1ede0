export const format = (id, { suffix }) => `<b>${id}</b>${suffix}`
export const formatAdmin = (id) => `${id}@K:format-unused@`
