export default '@K:dynamic-import@'
