const options = { theme: 'light', license: '@K:lazy-chart-license@' }

export const darkOptions = { theme: 'dark', license: '@K:lazy-chart-other-export@' }

export default function Chart() {
  return <canvas ref={(element) => { if (element) Object.assign(element, { options }) }} />
}
