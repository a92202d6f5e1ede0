import './own.css'
// @K:preview-comment@
const unused = '@K:preview-unused@'
export default {
  parameters: { own: '@K:preview-parameters@' },
  decorators: [(Story) => <div title="@K:preview-decorator@"><Story /></div>],
  loaders: [async () => ({ key: '@K:preview-loader@' })],
  initialGlobals: { k: '@K:preview-globals@' },
}
