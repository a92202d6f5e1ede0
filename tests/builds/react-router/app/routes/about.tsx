const KEY = '@K:prerender-loader-constant@'
export const loader = () => ({ size: KEY.length, key: '@K:prerender-loader@' })
export default function About({ loaderData }: any) { return <p>{loaderData.size}</p> }
