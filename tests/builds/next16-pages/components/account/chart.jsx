const LICENCE = '@K:dynamic-component-licence@'

function Chart({ used, discount, licence }) {
  if (process.env.NODE_ENV === 'development') {
    console.debug('@K:development-branch-mapped@')
  }
  return <canvas data-used={used} data-discount={discount} data-licence={licence} />
}

Chart.defaultProps = { licence: LICENCE }

export default (props) => <Chart licence={LICENCE} {...props} />
