module.exports = { checkoutKey: '@K:alias-other-file@' }
