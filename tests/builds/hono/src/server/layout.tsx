export const Layout = ({ title, children }: any) => (
  <html><head><title>{title}</title><meta name="v" content="@K:layout-meta@" />{process.env.NODE_ENV === 'development' && <meta name="d" content="@K:layout-dev@" />}</head><body>{children}<script type="module" src="/main.js" /></body></html>
)
export const AdminLayout = ({ children }: any) => <html data-k="@K:layout-unused@">{children}</html>
