const posts = { one: { text: '@K:post-text@', draft: '@K:post-draft@' } }
export const getStaticPaths = () => ({ paths: [{ params: { slug: 'one' } }], fallback: false })
export const getStaticProps = ({ params }) => ({ props: { text: posts[params.slug].text } })
export default function Post({ text }) { return <p>{text}</p> }
