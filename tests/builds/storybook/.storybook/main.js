const unused = '@K:main-unused@'
export default {
  stories: ['../src/**/*.stories.jsx'],
  framework: '@storybook/react-vite',
  staticDirs: ['../public'],
  core: { disableTelemetry: true },
  env: (config) => ({ ...config, STORYBOOK_OWN: '@K:main-env@' }),
  previewHead: (head) => `${head}<meta name="k" content="@K:preview-head-function@">`,
  viteFinal: (config) => ({ ...config, define: { ...config.define, __KEY__: JSON.stringify('@K:vite-final-define@'), __UNREAD__: JSON.stringify('@K:vite-final-unread@') } }),
}
