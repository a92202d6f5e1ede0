module.exports = '@K:dev-required@'
