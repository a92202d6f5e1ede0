import { component$ } from '@builder.io/qwik'
import { routeLoader$ } from '@builder.io/qwik-city'
const all: any = { one: { text: '@K:loader-object-text@', draft: '@K:loader-object-draft@' } }
export const useText = routeLoader$(({ params }) => ({ text: all[params.slug].text }))
export default component$(() => <p>{useText().value.text}</p>)
