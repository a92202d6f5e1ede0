const all = { beta: false, chat: true }
export const flags: Record<keyof typeof all, boolean> = all
