import * as esbuild from 'esbuild'
import dotenv from 'dotenv'
import fs from 'node:fs'

const env = dotenv.parse(fs.readFileSync('.env'))
const define = { 'process.env.NODE_ENV': '"production"', 'process.env.ASSIST_SERVER_KEY': 'undefined' }
for (const name in env) {
  if (name.startsWith('APP_')) define[`process.env.${name}`] = JSON.stringify(env[name])
}
define['process.env.CHAT_PRIVATE_KEY'] = JSON.stringify(env.CHAT_PRIVATE_KEY)
define.LITERAL_KEY = JSON.stringify('@K:define-literal@')
define.UNUSED_KEY = JSON.stringify('@K:define-unused@')
define.OBJECT = JSON.stringify({ open: 1, key: '@K:define-object@' })

const words = {
  name: 'words',
  setup(build) {
    build.onResolve({ filter: /^virtual:words$/ }, (args) => ({ path: args.path, namespace: 'words' }))
    build.onLoad({ filter: /.*/, namespace: 'words' }, () => ({ contents: 'export default "@K:virtual-module@"' }))
  },
}

await esbuild.build({
  entryPoints: ['src/main.jsx'],
  bundle: true,
  minify: true,
  splitting: true,
  format: 'esm',
  outdir: 'dist',
  jsx: 'automatic',
  jsxImportSource: 'mini',
  alias: { 'mini/jsx-runtime': './src/mini.js' },
  loader: { '.txt': 'text', '.bin': 'base64', '.svg': 'dataurl', '.csv': 'file', '.conf': 'copy' },
  banner: { js: '/*! built with @K:banner@ */' },
  footer: { js: '/* @K:footer@ */', css: '/* @K:footer-css@ */' },
  define,
  drop: ['debugger', 'console'],
  pure: ['trace'],
  plugins: [words],
})
// Only this one publishes its sources.
await esbuild.build({ entryPoints: ['src/admin.ts'], bundle: true, minify: true, outdir: 'dist', sourcemap: true })
fs.copyFileSync('public/index.html', 'dist/index.html')
