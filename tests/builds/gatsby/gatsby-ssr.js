import React from 'react'
const inner = '@K:gatsby-ssr-constant@'
export const onRenderBody = ({ setHeadComponents }) => setHeadComponents([<meta key='a' name='k' content='@K:gatsby-ssr-head@' data-size={inner.length} />])
