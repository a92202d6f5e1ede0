import { Component, Directive, input, Pipe, PipeTransform } from '@angular/core'

@Pipe({ name: 'signed' })
export class SignedPipe implements PipeTransform {
  transform(url: string, key = '@K:pipe-default@') {
    return `${url}?signature=${key.length}${key}`
  }
}

@Pipe({ name: 'encrypted' })
export class EncryptedPipe implements PipeTransform {
  transform(text: string) {
    return text + '@K:pipe-unused@'
  }
}

@Directive({
  selector: '[appTracked]',
  host: { 'data-tracker': '@K:host-attribute@', '(click)': 'track()' },
})
export class Tracked {
  readonly appTracked = input('@K:signal-input-default@')
  track() {
    navigator.sendBeacon('/track', this.appTracked())
  }
}

@Component({ selector: 'app-badge', template: '<b>{{ text }}</b>' })
export class Badge {
  readonly text = '@K:deferred-component@'
}

@Component({ selector: 'app-old-badge', template: '<b title="@K:component-unused@">Old</b>' })
export class OldBadge {}
