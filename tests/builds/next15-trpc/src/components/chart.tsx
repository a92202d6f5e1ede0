'use client'
const PALETTE = ['#fff', '@K:chart-palette@'] as const
function Legend() { return <b>@K:chart-unused-component@</b> }
export function Chart() { return <svg data-c={PALETTE[1]} /> }
export const chartDefaults = { key: '@K:chart-unused-export@' }
