'use client'
export default function Lazy() { return <u>@K:client-dynamic@</u> }
