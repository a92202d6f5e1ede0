export default () => ({ name: '@K:manifest@', short_name: 'x' })
