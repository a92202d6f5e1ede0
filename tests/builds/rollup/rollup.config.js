import alias from '@rollup/plugin-alias'
import commonjs from '@rollup/plugin-commonjs'
import json from '@rollup/plugin-json'
import resolve from '@rollup/plugin-node-resolve'
import replace from '@rollup/plugin-replace'
import 'dotenv/config'
const own = {
  name: 'own',
  resolveId: (id) => (id === 'virtual:own' ? id : null),
  load: (id) => (id === 'virtual:own' ? "export default '@K:plugin-load@'" : null),
  renderChunk: (code) => code + '\n/* @K:render-chunk@ */',
  generateBundle() { this.emitFile({ type: 'asset', fileName: 'emitted.json', source: '{"k":"@K:emitted-asset@"}' }) },
}
export default [
  {
    input: 'src/main.js',
    output: {
      dir: 'dist', format: 'iife', name: 'app', inlineDynamicImports: true,
      banner: '/* @K:banner@ */', footer: () => '/* @K:footer-function@ */', outro: 'var end = "@K:outro@";',
    },
    plugins: [
      alias({ entries: { aliased: './src/aliased.js' } }),
      replace({
        preventAssignment: true,
        values: {
          'process.env.CHAT_PRIVATE_KEY': JSON.stringify(process.env.CHAT_PRIVATE_KEY),
          'process.env.ASSIST_SERVER_KEY': JSON.stringify(process.env.ASSIST_SERVER_KEY),
          'process.env.NODE_ENV': '"production"',
          __LITERAL__: JSON.stringify('@K:replace-literal@'),
        },
        __SHORT__: () => JSON.stringify('@K:replace-function@'),
      }),
      json(), resolve(), commonjs(), own,
    ],
    external: ['not-there'],
    treeshake: { moduleSideEffects: true },
  },
  { input: 'src/mapped.js', output: { file: 'dist/mapped.js', format: 'es', sourcemap: 'inline' } },
  { input: 'src/node.js', output: { file: 'build/node.cjs', format: 'cjs' }, external: ['node:http'] },
]
