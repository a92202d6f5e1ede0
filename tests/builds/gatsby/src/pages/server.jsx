import * as React from 'react'
const inner = '@K:server-data-constant@'
export default function Server({ serverData }) { return <p>{serverData.size}</p> }
export async function getServerData() { return { props: { size: inner.length, key: '@K:server-data-returned@' }, headers: { 'x-key': '@K:server-data-header@' } } }
