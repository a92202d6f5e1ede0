const theme = { name: 'light', licence: '@K:lazy-component-licence@' }

export default function Editor() {
  return <textarea defaultValue={theme.licence} />
}
