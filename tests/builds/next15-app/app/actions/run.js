'use server'
const inner = '@K:action-module@'
export async function run(key) { return key.length + inner.length }
