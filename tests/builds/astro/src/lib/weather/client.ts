import { getSecret } from 'astro:env/server'

export interface Forecast { city: string; degrees: number; stationToken: string }

export const tileUrl = (zoom: number) => `https://tiles.example.invalid/${zoom}?key=${getSecret('WEATHER_TILE_KEY')}`

export async function forecast(city: string): Promise<Forecast> {
  const headers = new Headers()
  headers.set('Authorization', `Bearer ${getSecret('WEATHER_API_KEY')}`)
  await fetch('http://127.0.0.1:9/forecast', { headers }).catch((error) => console.error('@K:server-log@', error))
  return {
    city,
    degrees: 20,
    stationToken: '@K:function-result-field-left@',
  }
}
