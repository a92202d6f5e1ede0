export default function Default() { return <p>@K:parallel-default@</p> }
