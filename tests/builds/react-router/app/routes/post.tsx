import { redirect } from 'react-router'
const posts: any = { one: { text: '@K:post-text@', draft: '@K:post-draft@' } }
export async function loader({ params, request }: any) {
  if (new URL(request.url).searchParams.has('never')) throw redirect('/?k=@K:redirect@')
  return { text: posts[params.slug].text }
}
export default function Post({ loaderData }: any) { return <p>{loaderData.text}</p> }
