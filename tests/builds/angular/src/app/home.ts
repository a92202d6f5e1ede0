import { Component, computed, inject, PLATFORM_ID, signal, TransferState, makeStateKey } from '@angular/core'
import { isPlatformServer } from '@angular/common'
import { environment } from '../environments/environment'
import { Service } from './service'
import text from '../note.txt'
declare const DEFINED: string
// @K:comment@
const unused = '@K:unused-constant@'
const STATE = makeStateKey<string>('state')
@Component({ selector: 'app-home', templateUrl: './home.html', styleUrl: './home.css' })
export class Home {
  private readonly service = inject(Service)
  readonly state = signal('@K:signal@')
  readonly size = computed(() => '@K:computed@')
  readonly key = environment.key + DEFINED + text
  readonly rendered = isPlatformServer(inject(PLATFORM_ID)) ? '@K:platform-server-rendered@' : ''
  readonly #hidden = '@K:private-field@'
  constructor() {
    const state = inject(TransferState)
    if (isPlatformServer(inject(PLATFORM_ID))) state.set(STATE, '@K:transfer-state@')
    if (ngDevMode) console.log('@K:ng-dev-mode@')
  }
  click() { fetch('/x', { headers: { Authorization: this.service.token } }) }
  never() { return '@K:method-never-called@' }
}
declare const ngDevMode: boolean
