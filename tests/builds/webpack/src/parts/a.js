module.exports = '@K:require-context@'
