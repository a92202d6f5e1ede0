import { Panel } from './panel.jsx'

export default { title: 'Assistant/Panel', component: Panel }
export const WithKey = { args: { token: '@K:story-argument@' } }
