export default function Layout({ children, side }: any) { return <>{children}{side}</> }
