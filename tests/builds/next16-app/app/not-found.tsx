export default function NotFound() { return <p>@K:not-found@</p> }
