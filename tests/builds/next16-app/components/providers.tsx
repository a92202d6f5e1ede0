'use client'
import { createContext } from 'react'
export const Context = createContext({ k: '@K:context-default@' })
export function Providers({ value, children }: any) { return <Context value={value}>{children}</Context> }
