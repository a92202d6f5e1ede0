const key = '@K:mixed-server-only-const@'
export const secretForServer = () => key + process.env.NEXT_PUBLIC_CHAT_OTHER
export const shown = '@K:mixed-shown@'
export const nobody = '@K:mixed-unused@'
