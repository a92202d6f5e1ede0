export default defineAppConfig({ title: 'a', key: '@K:app-config@' })
