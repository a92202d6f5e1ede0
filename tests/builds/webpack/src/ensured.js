module.exports = '@K:require-ensure@'
