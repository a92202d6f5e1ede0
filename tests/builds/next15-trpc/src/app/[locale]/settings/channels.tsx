'use client'
export function Channels({ labels }: { labels: { name: string }[]; render: null }) { return <ul>{labels.map((label) => <li key={label.name}>{label.name}</li>)}</ul> }
