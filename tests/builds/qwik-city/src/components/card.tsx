import { component$ } from '@builder.io/qwik'
export const Card = component$<{ label: string }>(({ label }) => <b>{label.length}</b>)
export const Other = component$(() => <b>@K:component-unused@</b>)
