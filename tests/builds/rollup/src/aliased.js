export default '@K:alias@'
