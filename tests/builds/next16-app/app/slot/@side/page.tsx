export default function Side() { return <p>@K:parallel-route@</p> }
