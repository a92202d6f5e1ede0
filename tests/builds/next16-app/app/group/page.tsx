import { Fragment } from 'react'
export const generateViewport = () => ({ themeColor: '@K:generate-viewport@' })
const config = { text: '@K:group-config-shown@', secret: '@K:group-config-hidden@' } as const
export default function Page() { return <Fragment><title>@K:title-element@</title>{config.text}</Fragment> }
