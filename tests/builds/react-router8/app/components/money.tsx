import { memo, forwardRef, type Ref } from 'react'
export const Money = memo(forwardRef(function Money({ value }: { value: number }, ref: Ref<HTMLElement>) { return <b ref={ref} data-f="@K:memo-component@">{value}</b> }))
export const Unused = () => <i>@K:component-unused@</i>
