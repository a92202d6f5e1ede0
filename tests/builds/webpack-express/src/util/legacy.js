module.exports = { key: '@K:commonjs-barrel-unused@' }
