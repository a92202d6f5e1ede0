export default function Chat() { return <p>{'@K:lazy-component@'}</p> }
export const preload = '@K:lazy-other-export@'
