export default '@K:renderer-lazy@'
