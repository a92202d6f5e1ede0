export default '@K:glob-lazy@'
