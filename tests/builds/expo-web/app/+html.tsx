const inner = '@K:html-constant@'
export default function Root({ children }: any) {
  return <html><head><meta name="k" content="@K:html-meta@" /><meta name="s" content={String(inner.length)} /></head><body>{children}</body></html>
}
