'use server'
const inner = '@K:action-constant@'
export async function run(key: string) { return key.length + inner.length }
