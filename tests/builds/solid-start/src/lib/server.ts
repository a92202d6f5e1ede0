'use server'
const inner = '@K:use-server-constant@'
export async function load() { return { size: inner.length + import.meta.env.VITE_CHAT_SERVER.length, key: '@K:use-server-returned@' } }
export async function uncalled() { return '@K:use-server-uncalled@' }
