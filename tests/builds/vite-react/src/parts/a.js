export default '@K:glob-eager@'
