export default () => <u>@K:lazy@</u>
export const extra = '@K:lazy-extra@'
