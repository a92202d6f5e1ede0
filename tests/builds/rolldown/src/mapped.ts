// @K:map-comment@
console.log('a')
