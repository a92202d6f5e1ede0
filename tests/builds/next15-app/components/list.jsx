'use client'
import data from '../lib/data.json'
export function List() { return <em title="@K:client-attribute@">{data.open}</em> }
export function Unused() { return <em>@K:client-unused-component@</em> }
