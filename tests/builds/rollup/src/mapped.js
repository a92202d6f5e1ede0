// @K:map-comment@
console.log('a')
const dead = '@K:map-dead-code@'
