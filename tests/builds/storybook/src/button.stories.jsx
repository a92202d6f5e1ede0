import { Button } from './button'
const data = { open: 'a', hidden: '@K:story-object-unread@' }
export default { component: Button, title: 'Button', parameters: { mock: '@K:story-parameters@' } }
export const First = { args: { label: '@K:story-args@' }, play: async () => { console.log('@K:story-play@') } }
export const Second = { render: () => <Button label={data.open} />, tags: ['!dev'], args: { label: '@K:story-tagged@' } }
