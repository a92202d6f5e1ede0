const PAGES: Record<string, { title: string; body: string; draft?: string }> = {
  terms: { title: 'Terms', body: 'Terms @K:legal-body@', draft: '@K:legal-draft@' },
}
export const generateStaticParams = () => Object.keys(PAGES).map((slug) => ({ slug, locale: 'en' }))
export default async function Legal({ params }: { params: Promise<{ slug: string }> }) {
  const page = PAGES[(await params).slug]
  return <><h1>{page?.title}</h1><div dangerouslySetInnerHTML={{ __html: page?.body ?? '' }} /></>
}
