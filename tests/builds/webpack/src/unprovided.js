export default '@K:provided-unread@'
