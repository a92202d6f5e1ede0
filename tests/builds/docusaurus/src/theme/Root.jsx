import React from 'react'
export default function Root({ children }) { return <div data-k='@K:theme-root@'>{children}</div> }
