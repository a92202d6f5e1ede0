const posts = [{ slug: 'one', text: '@K:static-param-text@', draft: '@K:static-param-draft@' }]
export function generateStaticParams() { return posts.map(({ slug }) => ({ slug })) }
export default async function Page({ params }) {
  const { slug } = await params
  return <article>{posts.find((post) => post.slug === slug).text}</article>
}
