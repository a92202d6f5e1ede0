const docs: Record<string, { title: string; body: string; draftKey: string }> = {
  intro: {
    title: 'Introduction',
    body: 'Call the API with @K:static-params-body@',
    draftKey: '@K:static-params-unread-field@',
  },
}

export const generateStaticParams = () => Object.keys(docs).map((slug) => ({ slug }))

export default async function Doc({ params }: { params: Promise<{ slug: string }> }) {
  const { slug } = await params
  const doc = docs[slug]
  return <article><h1>{doc.title}</h1><p>{doc.body}</p></article>
}
