export default function Loading() { return <p>@K:loading@</p> }
