exports.open = 'a'
exports.hidden = '@K:commonjs-unread@'
