import './src/own.css'
export const onClientEntry = () => { window.k = '@K:gatsby-browser@' }
