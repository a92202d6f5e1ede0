// @refresh reload
import { mount, StartClient } from '@solidjs/start/client'
console.log('@K:entry-client@')
mount(() => <StartClient />, document.getElementById('app')!)
