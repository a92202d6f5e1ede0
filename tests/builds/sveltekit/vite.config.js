import { sveltekit } from '@sveltejs/kit/vite'
export default {
  plugins: [sveltekit()],
  define: { __KEY__: JSON.stringify('@K:define-read@'), __UNREAD__: JSON.stringify('@K:define-unread@') },
}
