import { mount } from 'svelte'
import App from './App.svelte'
import './lib.js'
const unused = '@K:unused-in-map@'
// @K:comment-in-map@
mount(App, { target: document.getElementById('app'), props: { token: '@K:mount-props@' } })
