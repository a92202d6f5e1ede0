const inner = '@K:node-constant@'
exports.createPages = ({ actions }) => {
  actions.createPage({ path: '/made', component: require.resolve('./src/templates/made.jsx'), context: { size: inner.length, key: '@K:page-context@', env: process.env.CHAT_PRIVATE_KEY } })
}
exports.onCreateWebpackConfig = ({ actions, plugins }) => {
  actions.setWebpackConfig({ plugins: [plugins.define({ __KEY__: JSON.stringify('@K:webpack-define@'), __UNREAD__: JSON.stringify('@K:webpack-define-unread@') })] })
}
exports.onPostBuild = () => { globalThis.k = '@K:post-build@' }
