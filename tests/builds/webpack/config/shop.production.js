module.exports = {
  checkoutKey: '@K:alias-target-read@',
  reportKey: '@K:alias-target-unread@',
}
