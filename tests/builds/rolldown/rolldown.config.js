import path from 'node:path'
import { defineConfig } from 'rolldown'
process.loadEnvFile()
export default defineConfig([
  {
    input: { main: 'src/main.ts', other: 'src/other.ts' },
    platform: 'browser',
    transform: {
      define: { 'process.env.CHAT_PRIVATE_KEY': JSON.stringify(process.env.CHAT_PRIVATE_KEY), __LITERAL__: '"@K:define-literal@"', __UNREAD__: '"@K:define-unread@"' },
      inject: { injected: [path.resolve('src/injected.ts'), 'injected'], uninjected: [path.resolve('src/uninjected.ts'), 'uninjected'] },
    },
    moduleTypes: { '.txt': 'text', '.bin': 'base64', '.svg': 'dataurl' },
    resolve: { alias: { '@own': path.resolve('src/own.ts') } },
    output: { dir: 'dist', format: 'esm', minify: true, intro: 'var intro = "@K:intro@";', postBanner: '/* @K:post-banner@ */' },
  },
  { input: 'src/mapped.ts', output: { file: 'dist/mapped/mapped.js', format: 'iife', sourcemap: true, banner: '/* @K:banner-iife@ */' } },
  { input: 'src/server.ts', platform: 'node', output: { file: 'build/server.mjs', banner: '/* @K:server-banner@ */' } },
])
