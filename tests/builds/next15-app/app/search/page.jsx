export default async function Page({ searchParams }) {
  const { q } = await searchParams
  return <p>{q === 'never' ? '@K:server-branch-of-a-query@' : q}</p>
}
