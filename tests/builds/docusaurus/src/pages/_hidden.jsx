export default () => '@K:private-page@'
