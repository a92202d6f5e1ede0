import { json } from '@sveltejs/kit'
import { CHAT_API_KEY } from '$app/env/private'
const inner = '@K:endpoint-constant@'
export const GET = () => json({ key: CHAT_API_KEY, size: inner.length })
export const POST = () => new Response('@K:endpoint-literal@')
