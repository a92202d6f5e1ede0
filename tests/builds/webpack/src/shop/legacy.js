;(function (root) {
  var token = '@K:closure-module@'
  function Legacy(name) {
    this.name = name
  }
  Legacy.prototype.sign = function (text) {
    return text + token
  }
  root.Legacy = Legacy
  if (root.jQuery) {
    root.jQuery.ajaxSetup({ headers: { 'X-Api-Key': '@K:ajax-setup@' } })
  }
})(window)
