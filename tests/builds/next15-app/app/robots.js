export default () => ({ rules: { userAgent: '@K:robots@', allow: '/' } })
