export default () => <b>@K:lazy@</b>
