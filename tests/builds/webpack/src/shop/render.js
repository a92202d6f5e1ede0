const Analytics = require('analytics')
const { send } = require('./transport.mock.js')
const settings = require(`./settings.${process.env.NODE_ENV}.json`)

const levels = Object.freeze({ info: 0, debug: 1 })

function log(level, text) {
  if (level >= levels.debug) return
  console.log(text)
}

function endpoint() {
  switch (process.env.NODE_ENV) {
    case 'development':
      return '/api?key=@K:switch-development@'
    default:
      return '/api'
  }
}

module.exports.render = function render(element) {
  element.innerHTML = '<a href="https://shop.example.invalid/?key=@K:inner-html-link@">Shop</a>'
  element.addEventListener('click', () => {
    send(endpoint(), settings.key)
    log(levels.debug, 'clicked with @K:log-below-level@')
    Analytics.track('click')
  })
  if (FLAGS.REFUNDS) {
    element.dataset.refund = '@K:defined-flag-false@'
  }
  return element
  element.dataset.debug = '@K:after-return@'
}
