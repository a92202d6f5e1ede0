import { MAP_KEY } from '../../lib/keys'

const STYLE_URL = `https://maps.example.invalid/style.json?key=${MAP_KEY}`

export default function Map() {
  return <iframe title="map" src={STYLE_URL} data-attribution="@K:dynamic-no-ssr@" />
}
