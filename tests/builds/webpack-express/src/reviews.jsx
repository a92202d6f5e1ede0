import data from './reviews.json'
export default function Reviews() { return <ul data-by={data.source}>{data.list.map((r) => <li key={r.id}>{r.text}</li>)}</ul> }
