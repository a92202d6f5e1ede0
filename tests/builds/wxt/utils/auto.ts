export const shout = () => '@K:util-auto@'
export const whisper = () => '@K:util-auto-unused@'
