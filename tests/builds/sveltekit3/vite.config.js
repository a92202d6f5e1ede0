import adapter from '@sveltejs/adapter-node'
import { sveltekit } from '@sveltejs/kit/vite'
export default {
  plugins: [sveltekit({ adapter: adapter(), csrf: { trustedOrigins: ['https://@K:config-origin@.invalid'] } })],
  define: { __KEY__: JSON.stringify('@K:define-read@'), __UNREAD__: JSON.stringify('@K:define-unread@') },
}
