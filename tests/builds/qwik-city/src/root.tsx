import { component$ } from '@builder.io/qwik'
import { QwikCityProvider, RouterOutlet } from '@builder.io/qwik-city'
import './global.css'
export default component$(() => (
  <QwikCityProvider><head><meta name="k" content="@K:root-meta@" /></head><body><RouterOutlet /></body></QwikCityProvider>
))
