import './legacy.js'
import './shop.css'
import { Payments, regions } from './sdk/index.js'
import { render } from './render.js'

const payments = new Payments({ region: regions.eu.key })
const element = render(document.getElementById('shop'))
element.addEventListener('submit', () => payments.pay(1))
if ('serviceWorker' in navigator) navigator.serviceWorker.register(new URL('./sw.js', import.meta.url))
try {
  new Function('element', 'element.dataset.key = "@K:new-function-text@"')(element)
} catch (error) {
  console.error('blocked', error)
}
