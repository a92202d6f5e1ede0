export function Card(props: any) { return <b>{props.label.length}</b> }
export function Other() { return <b>@K:component-unused@</b> }
