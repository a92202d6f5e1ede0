import '../styles/global.css'
// @K:map-comment@
export default function App({ Component, pageProps }) { return <div data-key="@K:app-attribute@"><Component {...pageProps} /></div> }
