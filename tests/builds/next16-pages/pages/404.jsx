export default function NotFound() { return <p>@K:page-404@</p> }
