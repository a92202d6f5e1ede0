import * as React from 'react'
export default function Made({ pageContext }) {
  return <p title="@K:template-attribute@">{pageContext.size}</p>
}
