module.exports = '@K:ignored-module@'
