import { json } from '@sveltejs/kit'
import { MAGICX_API_KEY } from '$env/static/private'
const inner = '@K:endpoint-constant@'
export const GET = () => json({ key: MAGICX_API_KEY, size: inner.length })
export const POST = () => new Response('@K:endpoint-literal@')
