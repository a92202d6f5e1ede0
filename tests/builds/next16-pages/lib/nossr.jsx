export default function NoSsr() { return <b>@K:no-ssr@</b> }
