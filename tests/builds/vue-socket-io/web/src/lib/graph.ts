import type { Graph } from './graph-types'
import raw from '#shared/graph.json'
export const graphOptions: Graph = { key: raw.client.key }
