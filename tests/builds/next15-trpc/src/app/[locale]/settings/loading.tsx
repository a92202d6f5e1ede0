export default function Loading() { return <p>@K:loading-file@</p> }
