import { createQwikCity } from '@builder.io/qwik-city/middleware/node'
import qwikCityPlan from '@qwik-city-plan'
import { createServer } from 'node:http'
import render from './entry.ssr'
const own = '@K:entry-node-constant@'
const { router, notFound, staticFile } = createQwikCity({ render, qwikCityPlan, static: { cacheControl: `max-age=${own.length}` } })
createServer((request, response) => { staticFile(request, response, () => { router(request, response, () => { notFound(request, response, () => {}) }) }) }).listen(Number(process.env.PORT), '127.0.0.1')
