const part = '@K:both-server-part@'
export const both = () => '@K:both-client-part@'
export const serverPart = () => part
export const nobody = () => '@K:both-unused@'
