import { createFileRoute } from '@tanstack/react-router'
const posts: any = { one: { text: '@K:loader-object-text@', draft: '@K:loader-object-draft@' } }
export const Route = createFileRoute('/post/$slug')({
  loader: ({ params }) => ({ text: posts[params.slug].text }),
  component: () => <p>{Route.useLoaderData().text}</p>,
})
