'use client'
import { use } from 'react'
export const Store = ({ promise }) => <p>{use(promise)}</p>
