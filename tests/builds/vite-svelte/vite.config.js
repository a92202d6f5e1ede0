import { svelte } from '@sveltejs/vite-plugin-svelte'
export default {
  plugins: [svelte()],
  build: { sourcemap: true, rolldownOptions: { input: { main: 'index.html', second: 'second.html' } } },
  define: { 'import.meta.env.OWN_KEY': JSON.stringify('@K:define-meta-env@') },
}
