const KEY = '@K:server-props-constant@'
export async function getServerSideProps({ query, res }) {
  res.setHeader('x-key', '@K:server-props-header@')
  if (query.x) return { props: { key: '@K:server-props-branch@' } }
  if (query.never) return { redirect: { destination: '/?k=@K:redirect@', permanent: false } }
  return { props: { key: process.env.CHAT_PROPS_KEY, size: KEY.length, list: ['a'].map((x) => ({ x, key: '@K:server-props-mapped@' })) } }
}
export default function Server({ size }) { return <p title="@K:page-attribute@">{size}</p> }
